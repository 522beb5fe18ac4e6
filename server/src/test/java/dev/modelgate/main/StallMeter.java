package dev.modelgate.main;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How long a thread that has something to do has to wait for a core meanwhile, because of what else
 * the machine does, or of this process's garbage: it rests for {@value #REST_MS} ms, works for
 * {@value #WORK_MS} ms, and sees how much later than that it is.
 */
final class StallMeter implements AutoCloseable {
  private static final long REST_MS = 25;
  private static final long WORK_MS = 2;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Thread thread = new Thread(this::run, "stall-meter");
  private volatile long longestNanos;
  private volatile boolean over;

  /** Begins. */
  StallMeter() {
    thread.setDaemon(true);
    thread.start();
  }

  /** The longest wait since the last time that this was asked, in microseconds. */
  long longestMicros() {
    long longest = longestNanos;
    longestNanos = 0;
    return TimeUnit.NANOSECONDS.toMicros(longest);
  }

  @Override
  public void close() {
    over = true;
  }

  private void run() {
    while (!over) {
      long begin = System.nanoTime();
      long worked = threads.getCurrentThreadCpuTime();
      while (System.nanoTime() - begin < TimeUnit.MILLISECONDS.toNanos(REST_MS)) {
        LockSupport.parkNanos(begin + TimeUnit.MILLISECONDS.toNanos(REST_MS) - System.nanoTime());
      }
      long end = worked + TimeUnit.MILLISECONDS.toNanos(WORK_MS);
      long now = worked;
      while (now < end) {
        now = threads.getCurrentThreadCpuTime();
      }
      long waited =
          System.nanoTime() - begin - TimeUnit.MILLISECONDS.toNanos(REST_MS) - (now - worked);
      longestNanos = Math.max(longestNanos, waited);
    }
  }
}
