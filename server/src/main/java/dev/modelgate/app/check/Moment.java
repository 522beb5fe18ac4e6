package dev.modelgate.app.check;

import dev.modelgate.app.MonotoneClock;

/**
 * The time of an answer: read when the first thing turns on it, and the same for all the others.
 * Most answers hold at any time, and the clock is a good part of what a hit costs. For one thread.
 */
final class Moment {
  private final MonotoneClock clock;
  private boolean isRead;
  private long micros;

  Moment(MonotoneClock clock) {
    this.clock = clock;
  }

  /** The time in microseconds. */
  long micros() {
    if (!isRead) {
      micros = clock.nowMicros();
      isRead = true;
    }
    return micros;
  }
}
