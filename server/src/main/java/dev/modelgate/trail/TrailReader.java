package dev.modelgate.trail;

import dev.modelgate.app.audit.TrailEntry;
import dev.modelgate.app.audit.TrailLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the segments of a trail while it is written. Lines that are no events are left out here: to
 * find them is the verifier's work, and one that is bad must not hide the others.
 */
public final class TrailReader implements TrailLog {
  private static final Logger log = LoggerFactory.getLogger(TrailReader.class);
  private static final long FLUSH_MS = 1_000;

  private final FileTrail trail;

  /** Reads that trail. */
  public TrailReader(FileTrail trail) {
    this.trail = trail;
  }

  @Override
  public List<TrailEntry> read(long sequence, boolean forward) {
    trail.flush(FLUSH_MS);
    try {
      List<Segment> segments = Segment.list(trail.directory());
      if (!forward) {
        Collections.reverse(segments);
      }
      for (int i = 0; i < segments.size(); i++) {
        boolean passed =
            forward
                ? i + 1 < segments.size() && segments.get(i + 1).first() <= sequence
                : segments.get(i).first() > sequence;
        List<TrailEntry> found = passed ? List.of() : entries(segments.get(i), sequence, forward);
        if (!found.isEmpty()) {
          return found;
        }
      }
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("the audit trail cannot be read", e);
    }
  }

  @Override
  public long firstSince(long micros) {
    trail.flush(FLUSH_MS);
    Instant time = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    try {
      List<Segment> segments = Segment.list(trail.directory());
      int low = 0;
      int high = segments.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (begin(segments.get(middle)).isBefore(time)) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      // The segment before the first one that begins at that time or later may have it, too.
      long next = low < segments.size() ? segments.get(low).first() : 1;
      if (low > 0) {
        for (TrailLine line : lines(segments.get(low - 1))) {
          if (!line.time().isBefore(time)) {
            return line.link().sequence();
          }
          next = Math.max(next, line.link().sequence() + 1);
        }
      }
      return next;
    } catch (IOException e) {
      throw new UncheckedIOException("the audit trail cannot be read", e);
    }
  }

  /** When the first event was; a segment without one says the end of time, as if it were none. */
  private static Instant begin(Segment segment) throws IOException {
    try {
      return TrailLine.read(segment.firstLine()).time();
    } catch (BadLineException e) {
      List<TrailLine> lines = lines(segment);
      return lines.isEmpty() ? Instant.MAX : lines.get(0).time();
    } catch (NoSuchFileException e) {
      return Instant.MIN;
    }
  }

  private static List<TrailEntry> entries(Segment segment, long sequence, boolean forward)
      throws IOException {
    List<TrailEntry> entries = new ArrayList<>();
    for (TrailLine line : lines(segment)) {
      long number = line.link().sequence();
      if (forward ? number >= sequence : number <= sequence) {
        entries.add(line.toEntry());
      }
    }
    if (!forward) {
      Collections.reverse(entries);
    }
    return entries;
  }

  private static List<TrailLine> lines(Segment segment) throws IOException {
    List<TrailLine> lines = new ArrayList<>();
    List<byte[]> whole;
    try {
      whole = segment.lines().whole();
    } catch (NoSuchFileException e) {
      return lines; // Removed meanwhile.
    }
    for (byte[] bytes : whole) {
      try {
        lines.add(TrailLine.read(bytes));
      } catch (BadLineException e) {
        log.debug("audit trail: a line of {} is no event", segment.file());
      }
    }
    return lines;
  }
}
