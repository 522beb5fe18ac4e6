package dev.modelgate.trail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailEvent.Kind;
import dev.modelgate.trail.TrailVerifier.Report;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Trails to look at and to damage. */
final class Trails {
  static final Clock NOW = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
  static final TrailLimits LARGE = TrailLimits.of(64 << 20, Duration.ofDays(400));

  /** About four events to a segment. */
  static final TrailLimits SMALL = new TrailLimits(1 << 20, 1_500, Duration.ofDays(400));

  private Trails() {}

  static TrailEvent event(int number) {
    return TrailEvent.of(Kind.REFUSAL, "NOT_PERMITTED")
        .by("token:bootstrap", "user:u" + number + "@acme.com", "127.0.0.1:4711")
        .through("modelgate.v1.AdminService/UpdateGrants")
        .on("acme", "organizations/acme/models/m" + number)
        .because("\"why\" \\ \u00e4\ud83d\ude00", "id-" + number)
        .build();
  }

  /** Writes events and answers the last. */
  static Link write(Path directory, TrailLimits limits, int from, int until) throws IOException {
    try (TrailWriter writer = new TrailWriter(directory, limits, NOW)) {
      for (int i = from; i < until; i++) {
        writer.append(event(i), 0, 0);
      }
      return writer.last();
    }
  }

  static List<String> breaks(Path directory) throws IOException {
    return TrailVerifier.directory(directory, Optional.empty()).breaks();
  }

  static void assertWhole(Path directory, long events) throws IOException {
    Report report = TrailVerifier.directory(directory, Optional.empty());
    assertEquals(List.of(), report.breaks());
    assertEquals(events, report.events());
  }

  /** All lines of all segments. */
  static List<TrailLine> lines(Path directory) throws Exception {
    List<TrailLine> lines = new ArrayList<>();
    for (Segment segment : Segment.list(directory)) {
      for (byte[] line : segment.lines().whole()) {
        lines.add(TrailLine.read(line));
      }
    }
    return lines;
  }

  static List<String> texts(Path file) throws IOException {
    return new ArrayList<>(Files.readAllLines(file));
  }

  static void replace(Path file, List<String> lines) throws IOException {
    Files.write(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  static Path last(Path directory) throws IOException {
    List<Segment> segments = Segment.list(directory);
    return segments.get(segments.size() - 1).file();
  }
}
