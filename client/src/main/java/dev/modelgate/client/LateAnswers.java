package dev.modelgate.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Completes what was not answered in time. */
@FunctionalInterface
interface LateAnswers {
  /** On the thread of the JDK's timeouts. */
  LateAnswers USUAL =
      (result, late, nanos) -> {
        CompletableFuture<Answer> unused =
            result.completeOnTimeout(late, nanos, TimeUnit.NANOSECONDS);
      };

  /** Completes it after that time, unless it is complete before. */
  void after(CompletableFuture<Answer> result, Answer late, long nanos);

  /**
   * On an event loop, which hears the answers, too: no other thread wakes up for a question that is
   * answered. One that ends meanwhile leaves it to the other.
   */
  static LateAnswers on(ScheduledExecutorService loop) {
    return (result, late, nanos) -> {
      try {
        Future<?> due = loop.schedule(() -> result.complete(late), nanos, TimeUnit.NANOSECONDS);
        CompletableFuture<Answer> unused =
            result.whenComplete((answer, failure) -> due.cancel(false));
      } catch (RejectedExecutionException e) {
        USUAL.after(result, late, nanos);
      }
    };
  }
}
