package dev.modelgate.grpc;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs one body on an executor, never twice at a time: signals that come while it runs make it run
 * once more. Thread-safe; a signal never blocks and never throws.
 */
final class SerialTask {
  private final Executor executor;
  private final Runnable body;
  private final Runnable shed;
  private final AtomicInteger signals = new AtomicInteger();

  /**
   * A task.
   *
   * @param body must not throw
   * @param shed run instead, once, when the executor has no room; the body never runs again
   */
  SerialTask(Executor executor, Runnable body, Runnable shed) {
    this.executor = executor;
    this.body = body;
    this.shed = shed;
  }

  /** Has the body run some time after this call began. */
  void signal() {
    if (signals.getAndIncrement() == 0) {
      try {
        executor.execute(this::run);
      } catch (RejectedExecutionException e) {
        shed.run();
      }
    }
  }

  private void run() {
    int seen = signals.get();
    do {
      body.run();
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }
}
