package dev.modelgate.main;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Stops what a process does when SIGTERM, SIGINT or SIGHUP end it.
 *
 * <p>A stop that went well is exit code 0 and not 143, Java's own: who asks a service to stop does
 * not expect it to report a failure, and systemd and Kubernetes would show one. 1 says that
 * something had to be cut off.
 */
final class Stopping {
  /** Beyond the drain time: to end what is left, sync and close the files. */
  private static final long CLOSE_SECONDS_MAX = 15;

  private Stopping() {}

  /** From now on the end of the process stops this and decides the exit code. */
  static void withProcess(AutoCloseable stopped, int drainSeconds, BooleanSupplier cleanly) {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> stop(stopped, drainSeconds, cleanly), "modelgate-stop"));
  }

  /** Runs as a shutdown hook, where halting is the one way to choose the exit code. */
  private static void stop(AutoCloseable stopped, int drainSeconds, BooleanSupplier cleanly) {
    Thread closing =
        new Thread(
            () -> {
              try {
                stopped.close();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            },
            "modelgate-close");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(TimeUnit.SECONDS.toMillis(drainSeconds + CLOSE_SECONDS_MAX));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(closing.isAlive() || !cleanly.getAsBoolean() ? 1 : 0);
  }
}
