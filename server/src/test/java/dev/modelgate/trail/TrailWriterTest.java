package dev.modelgate.trail;

import static dev.modelgate.trail.Trails.assertWhole;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.audit.TrailEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept, and how it is bounded. */
final class TrailWriterTest {
  @TempDir private Path data;

  @Test
  void events_acrossStarts_areOneChain() throws Exception {
    Path trail = data.resolve("audit");
    for (int i = 0; i < 10; i++) {
      Trails.write(trail, Trails.SMALL, i * 3, i * 3 + 3);
    }
    assertWhole(trail, 30);
    List<TrailLine> lines = Trails.lines(trail);
    for (int i = 0; i < 30; i++) {
      assertEquals(Trails.event(i), lines.get(i).event());
    }
  }

  @Test
  void event_withEveryField_isReadAsItWasWritten() throws Exception {
    TrailEvent event =
        TrailEvent.of(TrailEvent.Kind.CONFIGURATION, "SETTINGS_CHANGED")
            .by("token:bootstrap", "user:ana@acme.com", "[::1]:99")
            .through("serve")
            .on("acme", "organizations/acme")
            .about(List.of("user:ben", "group:risk"))
            .changing(Map.of("port", "1"), Map.of("port", "2", "a\"b", "\u2028</script>\n"))
            .because("\ud83d\ude00\u0000", "id")
            .at("r7")
            .build();
    try (TrailWriter writer = new TrailWriter(data.resolve("audit"), Trails.LARGE, Trails.NOW)) {
      TrailLine line = writer.append(event, 7, 3);
      TrailLine read =
          TrailLine.read(Segment.list(data.resolve("audit")).get(0).lines().whole().get(0));
      assertEquals(line, read);
      assertEquals(event, read.event());
    }
  }

  @Test
  void segments_beyondTheBytes_areRemovedAndTheChainStaysVerifiable() throws Exception {
    Path trail = data.resolve("audit");
    TrailLimits limits = new TrailLimits(8_000, 1_500, Duration.ofDays(400));
    Optional<Link> pruned = Optional.empty();
    try (TrailWriter writer = new TrailWriter(trail, limits, Trails.NOW)) {
      for (int i = 0; i < 200; i++) {
        Link last = writer.append(Trails.event(i), 0, 0).link();
        pruned = i == 100 ? Optional.of(last) : pruned;
        writer.prune();
        assertTrue(writer.bytes() <= 8_000, "bytes " + writer.bytes());
        assertEquals(List.of(), Trails.breaks(trail), "after event " + i);
      }
    }
    long bytes = 0;
    for (Segment segment : Segment.list(trail)) {
      bytes += segment.bytes();
    }
    assertTrue(bytes <= 8_000, "bytes " + bytes);
    assertTrue(Segment.list(trail).get(0).first() > 100);
    Files.delete(Segment.list(trail).get(0).file());
    assertEquals(1, Trails.breaks(trail).size());
    assertTrue(!TrailVerifier.directory(trail, pruned).isWhole());
  }

  @Test
  void segments_thatAreTooOld_areRemoved() throws Exception {
    Path trail = data.resolve("audit");
    HandClock clock = new HandClock();
    TrailLimits limits = new TrailLimits(1 << 20, 1_500, Duration.ofDays(30));
    try (TrailWriter writer = new TrailWriter(trail, limits, clock)) {
      for (int i = 0; i < 60; i++) {
        clock.now = clock.now.plus(Duration.ofDays(1));
        writer.append(Trails.event(i), 0, 0);
        writer.prune();
      }
    }
    Instant oldest = Trails.lines(trail).get(0).time();
    assertTrue(oldest.isAfter(clock.now.minus(Duration.ofDays(40))), oldest.toString());
    assertTrue(oldest.isBefore(clock.now.minus(Duration.ofDays(25))), oldest.toString());
    assertEquals(List.of(), Trails.breaks(trail));
  }

  /** Killed between the file and its first event, after as many events as fill two segments. */
  @Test
  void segment_thatWasBegunAndNoMore_isGoneOnWith() throws Exception {
    for (int events = 1; events <= 9; events++) {
      Path trail = data.resolve("audit-" + events);
      Link last = Trails.write(trail, Trails.SMALL, 0, events);
      Files.createFile(Segment.of(trail, last.sequence() + 1).file());
      Trails.write(trail, Trails.SMALL, events, events + 6);
      assertWhole(trail, events + 6);
      List<TrailLine> lines = Trails.lines(trail);
      for (int i = 0; i < events + 6; i++) {
        assertEquals(Trails.event(i), lines.get(i).event(), "event " + i + " of " + events);
      }
    }
  }

  @Test
  void clock_thatStepsBack_doesNotTurnTheTrailBack() throws Exception {
    Path trail = data.resolve("audit");
    HandClock clock = new HandClock();
    for (int i = 0; i < 3; i++) {
      try (TrailWriter writer = new TrailWriter(trail, Trails.LARGE, clock)) {
        writer.append(Trails.event(i), 0, 0);
      }
      clock.now = clock.now.minusSeconds(100);
    }
    assertWhole(trail, 3);
  }

  @Test
  void files_areReadableByTheirOwnerAlone() throws Exception {
    Path trail = data.resolve("audit");
    Trails.write(trail, Trails.LARGE, 0, 1);
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(trail)));
    for (Path file : List.of(trail.resolve("head"), Trails.last(trail))) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
  }

  @Test
  void limits_thatDoNotGoTogether_areRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new TrailLimits(100, 26, Duration.ofDays(1)));
    assertThrows(IllegalArgumentException.class, () -> new TrailLimits(100, 0, Duration.ofDays(1)));
  }

  /** Stands until it is moved. */
  private static final class HandClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
