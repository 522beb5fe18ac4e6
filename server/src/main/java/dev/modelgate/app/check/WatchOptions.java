package dev.modelgate.app.check;

import java.util.function.LongSupplier;

/**
 * The bounds of watched accesses.
 *
 * @param threads how many evaluate what has changed, 1 or more
 * @param watchesMax how many accesses may be watched at a time on one node, 1 or more
 * @param nanoTime tells how long something waits
 */
public record WatchOptions(int threads, int watchesMax, LongSupplier nanoTime) {
  /** The most bytes of questions that are watched at a time, as they were sent. */
  public static final long BYTES_MAX = 32L << 20;

  /** How long a change may wait to be looked at, in milliseconds; then the watch is lost. */
  static final long STALE_MS_MAX = 2_000;

  /** How often an answer that turns on the time of day is looked at, in milliseconds. */
  static final long TIMED_MS = 100;

  /** Two threads, 20,000 watches. */
  public static final WatchOptions DEFAULT = new WatchOptions(2, 20_000);

  /** Refuses bounds out of range. */
  public WatchOptions {
    if (threads < 1 || watchesMax < 1) {
      throw new IllegalArgumentException("watch options out of range");
    }
  }

  /** By the clock of the system. */
  public WatchOptions(int threads, int watchesMax) {
    this(threads, watchesMax, System::nanoTime);
  }
}
