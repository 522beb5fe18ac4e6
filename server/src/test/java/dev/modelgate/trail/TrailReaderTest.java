package dev.modelgate.trail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.modelgate.app.audit.TrailEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading what another thread writes. */
final class TrailReaderTest {
  private static final long T0 = 1_900_000_000L;
  private static final int EVENTS = 100;

  @TempDir private Path data;

  private final AtomicLong seconds = new AtomicLong(T0);
  private final InstantSource source = () -> Instant.ofEpochSecond(seconds.get());
  private final Clock clock = source.withZone(ZoneOffset.UTC);

  @Test
  void events_inSegments_areReadBothWaysFromAnywhere() throws Exception {
    try (FileTrail trail = trail(TrailEventTimes.SAME)) {
      TrailReader reader = new TrailReader(trail);
      for (long from : new long[] {1, 2, 17, EVENTS, EVENTS + 1}) {
        assertEquals(
            LongStream.rangeClosed(from, EVENTS).boxed().toList(), all(reader, from, true));
        assertEquals(
            LongStream.iterate(Math.min(from, EVENTS), i -> i > 0, i -> i - 1).boxed().toList(),
            all(reader, from, false));
      }
    }
  }

  @Test
  void time_isFoundAsByLookingAtAll() throws Exception {
    try (FileTrail trail = trail(TrailEventTimes.RANDOM)) {
      TrailReader reader = new TrailReader(trail);
      List<TrailEntry> all = new ArrayList<>();
      for (long next = 1; next <= EVENTS; next = all.get(all.size() - 1).sequence() + 1) {
        all.addAll(reader.read(next, true));
      }
      for (long second = T0 - 1; second <= seconds.get() + 1; second++) {
        Instant time = Instant.ofEpochSecond(second);
        long expected =
            all.stream()
                .filter(entry -> !entry.time().isBefore(time))
                .findFirst()
                .map(TrailEntry::sequence)
                .orElse(EVENTS + 1L);
        assertEquals(expected, reader.firstSince(second * 1_000_000), "second " + (second - T0));
      }
    }
  }

  @Test
  void lineThatIsBad_hidesNoOther() throws Exception {
    try (FileTrail trail = trail(TrailEventTimes.SAME)) {
      Path first = Segment.list(trail.directory()).get(0).file();
      List<String> lines = Trails.texts(first);
      lines.set(0, "nonsense");
      Trails.replace(first, lines);
      List<Long> read = all(new TrailReader(trail), 1, true);
      assertEquals(LongStream.rangeClosed(2, EVENTS).boxed().toList(), read);
      Files.delete(first);
      assertFalse(all(new TrailReader(trail), 1, true).isEmpty());
    }
  }

  /** How far the clock goes from one event to the next. */
  private enum TrailEventTimes {
    SAME,
    RANDOM
  }

  private FileTrail trail(TrailEventTimes times) throws Exception {
    long seed = System.nanoTime();
    System.out.println("TrailReaderTest seed " + seed);
    Random random = new Random(seed);
    FileTrail trail = new FileTrail(data.resolve("audit"), Trails.SMALL, 1 << 20, clock);
    for (int i = 0; i < EVENTS; i++) {
      trail.record(Trails.event(i));
      trail.flush(10_000);
      seconds.addAndGet(times == TrailEventTimes.SAME ? 0 : random.nextInt(3));
    }
    return trail;
  }

  private static List<Long> all(TrailReader reader, long from, boolean forward) {
    List<Long> all = new ArrayList<>();
    long next = from;
    for (List<TrailEntry> part = reader.read(next, forward);
        !part.isEmpty();
        part = reader.read(next, forward)) {
      part.forEach(entry -> all.add(entry.sequence()));
      next = all.get(all.size() - 1) + (forward ? 1 : -1);
    }
    return all;
  }
}
