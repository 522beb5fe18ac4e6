package dev.modelgate.client.cli;

import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * One line on a terminal, written anew at most ten times a second: {@code import 12000 records,
 * 48000/s, 31%}. Silent where standard error is not a terminal.
 */
final class ProgressBar {
  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final String what;
  private final boolean shown;
  private final Clock clock;
  private final PrintWriter err;
  private final Instant start;
  private Instant last = Instant.MIN;
  private String line = "";

  private ProgressBar(String what, boolean shown, Clock clock, PrintWriter err) {
    this.what = what;
    this.shown = shown;
    this.clock = clock;
    this.err = err;
    this.start = clock.instant();
  }

  static ProgressBar of(String what, Environment environment, PrintWriter err) {
    return new ProgressBar(what, environment.terminal(), environment.clock(), err);
  }

  /**
   * Shows how far it is.
   *
   * @param records so far
   * @param done in the unit of {@code total}
   * @param total 0 if it is not known; then no percentage is shown
   */
  void update(long records, long done, long total) {
    Instant now = clock.instant();
    long seconds1000 = Math.max(1, Duration.between(start, now).toMillis());
    String percent = total > 0 ? ", " + Math.min(100, 100 * done / total) + "%" : "";
    line =
        String.format(
            Locale.ROOT,
            "%s %d records, %d/s%s",
            what,
            records,
            records * 1000 / seconds1000,
            percent);
    if (shown && (last.equals(Instant.MIN) || !now.isBefore(last.plus(INTERVAL)))) {
      last = now;
      draw();
    }
  }

  /** Leaves the last state on a line of its own. */
  void end() {
    if (shown && !line.isEmpty()) {
      draw();
      err.println();
      err.flush();
    }
  }

  private void draw() {
    // Back to the first column, and clear what a longer line has left.
    err.print("\r" + line + "\u001b[K");
    err.flush();
  }
}
