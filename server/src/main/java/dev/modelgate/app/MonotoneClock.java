package dev.modelgate.app;

import dev.modelgate.store.Micros;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The one clock of the process: microseconds since 1970 that never decrease, whatever the wall
 * clock does, so that an expired grant does not come back (hazard 6).
 */
public final class MonotoneClock {
  private final Clock wall;
  private final AtomicLong latest = new AtomicLong();

  /** Reads a wall clock. */
  public MonotoneClock(Clock wall) {
    this.wall = wall;
  }

  /** The time in microseconds, not before any that was returned or committed before. */
  public long nowMicros() {
    long now = Micros.of(wall.instant());
    long seen = latest.get();
    while (seen < now) {
      if (latest.compareAndSet(seen, now)) {
        return now;
      }
      seen = latest.get();
    }
    return seen;
  }

  /** Has the clock not fall behind a time that was committed, perhaps by an earlier process. */
  public void notBefore(long micros) {
    latest.accumulateAndGet(micros, Math::max);
  }
}
