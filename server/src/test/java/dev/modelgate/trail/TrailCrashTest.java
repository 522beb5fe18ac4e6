package dev.modelgate.trail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while it writes its trail leaves all that it said it had written. */
final class TrailCrashTest {
  private static final int KILLS = 8;
  private static final int LINES_MAX = 60;

  @TempDir private Path data;

  @Test
  void writer_killedAgainAndAgain_losesNothingAndLeavesOneChain() throws Exception {
    long seed = System.nanoTime();
    System.out.println("TrailCrashTest seed " + seed);
    Random random = new Random(seed);
    Path trail = data.resolve("audit");
    long known = 0;
    for (int i = 0; i < KILLS; i++) {
      known = Math.max(known, runAndKill(trail, 1 + random.nextInt(LINES_MAX)));
      try (TrailWriter writer = new TrailWriter(trail, Trails.SMALL, Trails.NOW)) {
        assertTrue(writer.last().sequence() >= known, "event " + known + " is lost");
      }
      assertEquals(List.of(), Trails.breaks(trail));
    }
    assertTrue(known > KILLS, "too little was written to prove anything");
    List<String> what = new ArrayList<>();
    for (TrailLine line : Trails.lines(trail)) {
      what.add(line.event().what());
    }
    what.removeIf(each -> each.equals("NOT_PERMITTED") || each.equals(TrailWriter.TORN_EVENT_CUT));
    assertEquals(List.of(), what);
  }

  /** Answers the last event that the writer said it had written. */
  private static long runAndKill(Path trail, int lines) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                trail.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    long last = 0;
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      int read = 0;
      for (@Nullable String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.matches("written [0-9]+ .")) { // The kill may cut the last line.
          last = Long.parseLong(line.substring(8, line.length() - 2));
          read++;
        }
        if (read == lines) {
          process.toHandle().destroyForcibly(); // SIGKILL
        }
      }
    }
    process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    assertTrue(last > 0, "the writer wrote nothing");
    return last;
  }

  /** The victim: writes events until it is killed, and tells the number of each. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws IOException {
      try (TrailWriter writer = new TrailWriter(Path.of(args[0]), Trails.SMALL, Trails.NOW)) {
        for (int i = 0; ; i++) {
          long sequence = writer.append(Trails.event(i), 0, 0).link().sequence();
          System.out.println("written " + sequence + " .");
          System.out.flush();
        }
      }
    }
  }
}
