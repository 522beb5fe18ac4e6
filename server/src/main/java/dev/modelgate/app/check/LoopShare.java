package dev.modelgate.app.check;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How much of an asking thread's time may go into misses: half of each {@value #WINDOW_MICROS} us.
 * An asking thread is an event loop, and whoever storms it with misses, in a batch of thousands or
 * over many connections, must leave it to the hits of others (hazard 11); what comes too much is
 * for the pool, where callers take turns. While memory mostly does not have what is asked for, most
 * misses go there untried.
 *
 * <p>Thread-safe; each thread has a share of its own.
 */
final class LoopShare {
  /** A window; nobody waits longer for the misses of others than for about half of it. */
  static final long WINDOW_MICROS = 2_000;

  private static final long WINDOW_NANOS = TimeUnit.MICROSECONDS.toNanos(WINDOW_MICROS);

  /** From so many more failures than successes on, only one in {@link #TRIED_ONE_IN} is tried. */
  static final int DOUBT = 8;

  static final int TRIED_ONE_IN = 16;

  private static final int DOUBT_MAX = 2 * DOUBT;

  private final LongSupplier nanoTime;
  private final ThreadLocal<Spent> spent = ThreadLocal.withInitial(Spent::new);

  /** What a thread has spent. */
  private static final class Spent {
    private long windowNanos;
    private long nanos;
    private long begun;
    private int doubt;
    private int untried;
  }

  LoopShare(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Begins a miss, and then {@link #end} must follow; or says that it is for the pool. */
  boolean begin() {
    Spent own = spent.get();
    if (own.doubt >= DOUBT && ++own.untried < TRIED_ONE_IN) {
      return false;
    }
    long now = nanoTime.getAsLong();
    if (now - own.windowNanos >= WINDOW_NANOS) {
      own.windowNanos = now;
      own.nanos = 0;
    } else if (own.nanos >= WINDOW_NANOS / 2) {
      return false;
    }
    own.untried = 0;
    own.begun = now;
    return true;
  }

  /**
   * Ends it.
   *
   * @param inMemory whether memory had what it took
   */
  void end(boolean inMemory) {
    Spent own = spent.get();
    own.nanos += nanoTime.getAsLong() - own.begun;
    own.doubt = inMemory ? Math.max(0, own.doubt - 1) : Math.min(DOUBT_MAX, own.doubt + 1);
  }
}
