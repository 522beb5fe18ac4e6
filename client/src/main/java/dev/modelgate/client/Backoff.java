package dev.modelgate.client;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * When a stream that broke may be opened again: at once after the first break, later after a wait
 * that doubles from 10 ms to 5 s, less up to half of it at random, until it succeeds. Not
 * thread-safe.
 */
final class Backoff {
  private static final long MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final LongSupplier nanoTime;
  private long waitNanos;
  private long overAtNanos;

  Backoff(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.overAtNanos = nanoTime.getAsLong();
  }

  boolean isOver() {
    return nanoTime.getAsLong() - overAtNanos >= 0;
  }

  void succeeded() {
    waitNanos = 0;
  }

  void failed() {
    long jitter = waitNanos == 0 ? 0 : ThreadLocalRandom.current().nextLong(waitNanos / 2);
    overAtNanos = nanoTime.getAsLong() + waitNanos - jitter;
    waitNanos = Math.min(MAX_NANOS, Math.max(MIN_NANOS, 2 * waitNanos));
  }
}
