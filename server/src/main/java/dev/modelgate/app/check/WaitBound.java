package dev.modelgate.app.check;

import java.util.concurrent.TimeUnit;

/**
 * How long work may wait before it is better refused. While the queue empties now and then, a burst
 * may wait {@value #BURST_MS} ms; once it has not been empty for so long, arrivals exceed what is
 * done, every wait would grow to the length of the queue, and what has waited about as long as it
 * takes to do is refused instead. So what is accepted takes at most about twice its time, and what
 * is refused is refused early.
 *
 * <p>Source: Maurer, Fail at Scale (ACM Queue 13/8, 2015), "controlled delay"; the bound follows
 * the time of the work, which differs by orders of magnitude between memory and disk. Not
 * thread-safe.
 */
final class WaitBound {
  /** How long a burst may wait, and the time without an empty queue that is an overload. */
  static final long BURST_MS = 1_000;

  /** The bound in an overload never goes below that: a busy machine wakes no thread faster. */
  static final long OVERLOAD_MS_MIN = 100;

  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(BURST_MS);
  private static final long OVERLOAD_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(OVERLOAD_MS_MIN);

  /** A sixteenth of each new time goes into the mean. */
  private static final int SMOOTHING = 16;

  private long lastEmptyNanos;
  private long meanNanos;

  WaitBound(long nowNanos) {
    this.lastEmptyNanos = nowNanos;
  }

  /** The queue is empty. */
  void empty(long nowNanos) {
    lastEmptyNanos = nowNanos;
  }

  /** Work took that long. */
  void took(long nanos) {
    meanNanos += (nanos - meanNanos) / SMOOTHING;
  }

  /** Whether work that has waited since then is to be refused. */
  boolean isTooLate(long sinceNanos, long nowNanos) {
    boolean overloaded = nowNanos - lastEmptyNanos > BURST_NANOS;
    long bound = overloaded ? Math.max(OVERLOAD_NANOS_MIN, meanNanos) : BURST_NANOS;
    return nowNanos - sinceNanos > bound;
  }
}
