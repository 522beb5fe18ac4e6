package dev.modelgate.store.rocksdb;

import dev.modelgate.store.LineageId;
import dev.modelgate.store.Position;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes the {@link HeadWitness} behind the commits on a thread of its own, at most every {@value
 * #LAG_MS} ms, so that a commit waits for one sync and not for two. A tail lost within that lag
 * goes unnoticed here; clients' newer tokens notice it (hazard 26).
 */
final class WitnessWriter implements AutoCloseable {
  static final long LAG_MS = 50;

  private static final long CLOSE_WAIT_MS = 10_000;

  private final HeadWitness witness;
  private final LineageId lineage;
  private final AtomicLong failures = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;
  private Position durable;
  private Position written;
  private boolean closed;

  WitnessWriter(HeadWitness witness, LineageId lineage, Position written) {
    this.witness = witness;
    this.lineage = lineage;
    this.durable = written;
    this.written = written;
    this.thread = new Thread(this::run, "modelgate-witness");
    thread.setDaemon(true);
    thread.start();
  }

  /** Everything up to that position is synced. Never blocks on I/O. */
  void advance(Position position) {
    lock.lock();
    try {
      durable = position;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** How often the file could not be written; the next try is at the next commit. */
  long failures() {
    return failures.get();
  }

  private void run() {
    Position next = await();
    while (next.compareTo(written) > 0) {
      try {
        witness.write(new HeadWitness.Testimony(lineage, next));
      } catch (IOException e) {
        // A witness that lags detects less, and the commits it lags behind are durable.
        failures.incrementAndGet();
      }
      written = next;
      next = await();
    }
  }

  /** The next position to write; {@code written} when closed and nothing is left. */
  private Position await() {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(LAG_MS);
      while (!closed && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      while (!closed && durable.compareTo(written) <= 0) {
        changed.awaitUninterruptibly();
      }
      return durable;
    } catch (InterruptedException e) {
      return durable;
    } finally {
      lock.unlock();
    }
  }

  /** Writes what is left and ends. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(CLOSE_WAIT_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
