package dev.modelgate.store.rocksdb;

import dev.modelgate.store.StoreException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps native memory alive while it is read: a read enters and exits, closing waits until all that
 * entered have left and lets nobody in again.
 *
 * <p>The count is striped over cache lines by thread, so that readers do not contend: a pair of
 * calls costs two uncontended atomic adds. A reader counts itself in first and looks at {@code
 * closed} afterwards, the closer the other way round; whichever comes second sees the other.
 */
final class ReadGuard {
  private static final int STRIPES = 16;

  /** Ints per cache line pair, so that neighbouring stripes do not share one. */
  private static final int PADDING = 32;

  private static final long POLL_NANOS = 100_000;

  private final AtomicIntegerArray readers = new AtomicIntegerArray((STRIPES + 1) * PADDING);
  private volatile boolean closed;

  /**
   * Enters.
   *
   * @return what to hand to {@link #exit}, from any thread
   * @throws StoreException when closed
   */
  int enter() {
    int stripe = tryEnter();
    if (stripe < 0) {
      throw new StoreException("the store was closed or reopened; this snapshot has ended");
    }
    return stripe;
  }

  /** Enters; negative when closed. */
  int tryEnter() {
    int stripe = ((int) Thread.currentThread().getId() & STRIPES - 1) * PADDING + PADDING;
    readers.incrementAndGet(stripe);
    if (closed) {
      readers.decrementAndGet(stripe);
      return -1;
    }
    return stripe;
  }

  void exit(int stripe) {
    readers.decrementAndGet(stripe);
  }

  /** Closes; false, and open again, when readers are still inside after that time. */
  boolean close(Duration wait) {
    closed = true;
    long deadline = System.nanoTime() + wait.toNanos();
    while (isOccupied()) {
      if (System.nanoTime() - deadline > 0) {
        closed = false;
        return false;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return true;
  }

  boolean isClosed() {
    return closed;
  }

  private boolean isOccupied() {
    for (int i = 1; i <= STRIPES; i++) {
      if (readers.get(i * PADDING) != 0) {
        return true;
      }
    }
    return false;
  }
}
