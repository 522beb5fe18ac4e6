package dev.modelgate.app.check;

import dev.modelgate.app.Telemetry;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bounded pool that reads the store. Full, it sheds; it never queues without bound and never
 * runs on the caller.
 */
final class MissPool implements AutoCloseable {
  private static final long STOP_SECONDS_MAX = 10;

  private final ThreadPoolExecutor executor;
  private final Telemetry telemetry;

  MissPool(int threads, int queueMax, Telemetry telemetry) {
    AtomicInteger number = new AtomicInteger();
    this.telemetry = telemetry;
    this.executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queueMax),
            task -> {
              Thread thread = new Thread(task, "modelgate-miss-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Takes work, or answers false when there is too much already. */
  boolean submit(Runnable work) {
    try {
      executor.execute(work);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Takes work that may be left out: only while at least half of the queue is free. */
  boolean offer(Runnable work) {
    int free = executor.getQueue().remainingCapacity();
    if (free < executor.getQueue().size() || !submit(work)) {
      telemetry.shed();
      return false;
    }
    return true;
  }

  int waiting() {
    return executor.getQueue().size();
  }

  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
