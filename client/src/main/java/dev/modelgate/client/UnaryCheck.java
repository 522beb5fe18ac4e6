package dev.modelgate.client;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** One Check RPC and its repetition, under one deadline. Never completes exceptionally. */
final class UnaryCheck {
  private final Channel channel;
  private final CheckRequest request;
  private final Deadline deadline;
  private final Context context = Context.current();
  private final CompletableFuture<Answer> result = new CompletableFuture<>();

  private UnaryCheck(Channel channel, CheckRequest request, Deadline deadline) {
    this.channel = channel;
    this.request = request;
    this.deadline = deadline;
  }

  /** Asks without blocking. Cancelling the future cancels the RPC. */
  static CompletableFuture<Answer> ask(Channel channel, CheckRequest request, Duration timeout) {
    UnaryCheck check =
        new UnaryCheck(channel, request, Deadline.after(timeout.toNanos(), TimeUnit.NANOSECONDS));
    check.attempt(1);
    return check.result;
  }

  private void attempt(int attempt) {
    if (result.isDone()) {
      return;
    }
    ClientCall<CheckRequest, CheckResponse> call =
        channel.newCall(
            AuthorizationServiceGrpc.getCheckMethod(), CallOptions.DEFAULT.withDeadline(deadline));
    ClientCalls.asyncUnaryCall(
        call,
        request,
        new StreamObserver<>() {
          @Override
          public void onNext(CheckResponse response) {
            result.complete(WireConverter.toAnswer(response));
          }

          @Override
          public void onError(Throwable failure) {
            failed(attempt, failure);
          }

          @Override
          public void onCompleted() {
            // The stub reports a call without a message as an error, so this adds nothing.
          }
        });
    CompletableFuture<Answer> unused =
        result.whenComplete(
            (answer, failure) -> {
              if (result.isCancelled()) {
                call.cancel("the caller cancelled", failure);
              }
            });
  }

  private void failed(int attempt, Throwable failure) {
    Duration remaining = Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS));
    Optional<Duration> delay = RetryRule.delay(failure, attempt, remaining);
    if (delay.isEmpty()) {
      result.complete(WireConverter.toAnswer(failure));
    } else if (delay.get().isZero()) {
      attempt(attempt + 1);
    } else {
      Executor later =
          CompletableFuture.delayedExecutor(delay.get().toNanos(), TimeUnit.NANOSECONDS);
      later.execute(context.wrap(() -> attempt(attempt + 1)));
    }
  }
}
