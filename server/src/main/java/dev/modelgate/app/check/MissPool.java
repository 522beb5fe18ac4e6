package dev.modelgate.app.check;

import dev.modelgate.app.Telemetry;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The bounded pool that reads the store where memory does not answer. Callers take turns; what is
 * too much, or has waited too long and is not patient, is shed; it never queues without bound and
 * never runs on the caller. Thread-safe.
 */
final class MissPool implements AutoCloseable {
  private static final long STOP_SECONDS_MAX = 10;

  /** The caller in whose turn rechecks come. */
  private static final Object RECHECKS = new Object();

  /** Work: exactly one of the two is called, once; neither throws. */
  interface Miss {
    /** Does it. */
    void run();

    /** Says that it will not be done. */
    void shed();

    /** Whether it waits as long as there is room, also in an overload. */
    default boolean isPatient() {
      return false;
    }
  }

  private record Waiting(Miss miss, long sinceNanos) {}

  private final int threads;
  private final int queueMax;
  private final Telemetry telemetry;
  private final LongSupplier nanoTime;
  private final ThreadPoolExecutor executor;
  private final Object lock = new Object();
  // Guarded by the lock.
  private final FairQueue<Object, Waiting> queue;
  private final WaitBound bound;
  private int workers;

  MissPool(int threads, int queueMax, Telemetry telemetry) {
    this(threads, queueMax, telemetry, System::nanoTime);
  }

  MissPool(int threads, int queueMax, Telemetry telemetry, LongSupplier nanoTime) {
    this("modelgate-miss-", threads, queueMax, telemetry, nanoTime);
  }

  /** As the others, with threads of that name. */
  MissPool(String name, int threads, int queueMax, Telemetry telemetry, LongSupplier nanoTime) {
    AtomicInteger number = new AtomicInteger();
    this.threads = threads;
    this.queueMax = queueMax;
    this.telemetry = telemetry;
    this.nanoTime = nanoTime;
    this.queue = new FairQueue<>(queueMax);
    this.bound = new WaitBound(nanoTime.getAsLong());
    this.executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            // Never holds more tasks than there are threads.
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes work, or sheds it, or sheds another caller's in its place.
   *
   * @param caller who takes turns with the others, by {@code equals}
   */
  void submit(Object caller, Miss miss) {
    Optional<Waiting> dropped;
    synchronized (lock) {
      if (executor.isShutdown()) {
        dropped = Optional.of(new Waiting(miss, 0));
      } else {
        long now = nanoTime.getAsLong();
        if (queue.size() == 0 && workers == 0) {
          bound.empty(now); // And it was all the time that nobody asked.
        }
        dropped = queue.add(caller, new Waiting(miss, now));
        wake();
      }
    }
    dropped.ifPresent(this::shed);
  }

  /** Takes work that may be left out: only while at least half of the queue is free. */
  void offer(Miss miss) {
    if (waiting() > queueMax / 2) {
      telemetry.shed();
      miss.shed();
    } else {
      submit(RECHECKS, miss);
    }
  }

  int waiting() {
    synchronized (lock) {
      return queue.size();
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      executor.shutdown();
    }
    try {
      if (!executor.awaitTermination(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Does what waits, one after the other, until nothing does: a thread is woken once for all. */
  private void work() {
    try {
      long took = 0;
      for (Waiting next = next(took); next != null; next = next(took)) {
        long begin = nanoTime.getAsLong();
        next.miss().run();
        took = Math.max(1, nanoTime.getAsLong() - begin);
      }
    } catch (RuntimeException | Error e) {
      synchronized (lock) {
        workers--;
        if (queue.size() > 0) {
          wake();
        }
      }
      throw e;
    }
  }

  /**
   * The one whose turn it is, after those that are shed; null when there is none, and then this
   * thread works no longer.
   *
   * @param took how long the work before took, in nanoseconds; 0 for none
   */
  private @Nullable Waiting next(long took) {
    long before = took;
    while (true) {
      Waiting waiting;
      synchronized (lock) {
        if (before > 0) {
          bound.took(before);
          before = 0;
        }
        Optional<Waiting> turn = queue.poll();
        if (turn.isEmpty()) {
          workers--;
          return null;
        }
        waiting = turn.get();
        if (!isTooLate(waiting)) {
          return waiting;
        }
      }
      shed(waiting);
    }
  }

  private boolean isTooLate(Waiting waiting) {
    long now = nanoTime.getAsLong();
    boolean late = bound.isTooLate(waiting.sinceNanos(), now);
    boolean last = queue.size() == 0;
    if (last && !late) {
      // A queue that refusals have emptied is no sign of room: an overload would begin anew as a
      // burst each time, and let what it accepts wait as long as one may.
      bound.empty(now);
    }
    // To refuse the last one would help nobody: the machine stood still, and no work piled up.
    return late && !last && !waiting.miss().isPatient();
  }

  /** Has one more thread work, if there is one. */
  private void wake() {
    if (workers < threads && !executor.isShutdown()) {
      workers++;
      executor.execute(this::work);
    }
  }

  private void shed(Waiting waiting) {
    telemetry.shed();
    waiting.miss().shed();
  }
}
