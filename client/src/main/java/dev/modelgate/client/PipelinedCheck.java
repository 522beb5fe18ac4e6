package dev.modelgate.client;

import io.grpc.Channel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One check over a stream and, where the stream broke under it, once more alone, both under one
 * deadline. Never completes exceptionally.
 */
final class PipelinedCheck {
  private final CompletableFuture<Answer> result = new CompletableFuture<>();

  private PipelinedCheck() {}

  /** Asks without blocking. Cancelling the future frees its place in the window. */
  static CompletableFuture<Answer> ask(
      CheckStream stream, Channel channel, Question question, Duration timeout) {
    long startNanos = System.nanoTime();
    CompletableFuture<Answer> first = stream.check(question);
    if (first.isDone() && !first.isCompletedExceptionally() && first.join().cause().isEmpty()) {
      return first;
    }
    PipelinedCheck check = new PipelinedCheck();
    check.follow(
        first,
        answer -> {
          Duration remaining = timeout.minusNanos(System.nanoTime() - startNanos);
          if (isWorthRepeating(answer, remaining)) {
            check.follow(
                UnaryCheck.ask(channel, WireConverter.toWire(question), remaining),
                check.result::complete);
          } else {
            check.result.complete(answer);
          }
        });
    return check.result;
  }

  /** What is in flight when a stream breaks is denied; asked alone, it may still be answered. */
  private static boolean isWorthRepeating(Answer answer, Duration remaining) {
    Optional<Duration> delay =
        answer.cause().flatMap(cause -> RetryRule.delay(cause, 1, remaining));
    return delay.isPresent() && delay.get().isZero();
  }

  /** Passes the answer of a step on, and the caller's cancellation back to the step. */
  private void follow(CompletableFuture<Answer> step, Consumer<Answer> whenAnswered) {
    CompletableFuture<Void> answered = step.thenAccept(whenAnswered);
    CompletableFuture<Answer> unused =
        result.whenComplete(
            (answer, failure) -> {
              if (result.isCancelled() && !answered.isDone()) {
                step.cancel(false);
              }
            });
  }
}
