package dev.modelgate.grpc;

import com.google.protobuf.Message;
import dev.modelgate.app.commit.Committer;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs the unary calls of the admin plane on a bounded executor, because they read from disk and
 * wait for validation. One that the executor has no room for is shed with OVERLOADED; one that was
 * cancelled before its turn is left out. Thread-safe.
 */
final class AdminCalls {
  private static final String QUEUE = "admin";

  private final Committer committer;
  private final Executor executor;
  private final ErrorMapper errors;

  AdminCalls(Committer committer, Executor executor, ErrorMapper errors) {
    this.committer = committer;
    this.executor = executor;
    this.errors = errors;
  }

  /** Answers a query. */
  <A> void answer(StreamObserver<A> observer, Function<Requester, A> query) {
    run(observer, requester -> succeed(observer, query.apply(requester)));
  }

  /**
   * Commits a mutation and answers with what became of it.
   *
   * @param reader reads the request; refusals of fields come from here
   */
  <A> void commit(
      String method,
      Message request,
      StreamObserver<A> observer,
      Function<Requester, Mutation<A>> reader) {
    run(
        observer,
        requester -> {
          Mutation<A> mutation = reader.apply(requester);
          commit(observer, mutation, Orders.of(method, request, requester));
        });
  }

  /** The same for a request that has no request id, reason and base revision. */
  <A> void commitBare(StreamObserver<A> observer, Function<Requester, Mutation<A>> reader) {
    run(observer, requester -> commit(observer, reader.apply(requester), Order.of(requester)));
  }

  /** Answers with what becomes of a mutation that goes its own way. */
  <A> void answerLater(
      String method,
      Message request,
      StreamObserver<A> observer,
      BiFunction<Requester, Order, CompletionStage<Outcome>> begin,
      Function<Outcome, A> answer) {
    run(
        observer,
        requester -> {
          Order order = Orders.of(method, request, requester);
          finish(observer, begin.apply(requester, order), answer);
        });
  }

  /** The refusal of work that there is no room for. */
  static Refusal overloaded() {
    return new Refusal(
        Fault.OVERLOADED, "too many admin calls are waiting", "", Map.of("queue", QUEUE));
  }

  /** Who makes the present call; the authentication interceptor has put him there. */
  static Requester requester() {
    Requester requester = RequesterContext.KEY.get();
    if (requester == null) {
      throw new IllegalStateException("an admin call reached its handler unauthenticated");
    }
    return requester;
  }

  private <A> void commit(StreamObserver<A> observer, Mutation<A> mutation, Order order) {
    CompletionStage<Outcome> outcome =
        committer.commit(mutation.organizationId(), order, mutation.command());
    finish(observer, outcome, mutation.answer());
  }

  private <A> void run(StreamObserver<A> observer, CallBody body) {
    ServerCallStreamObserver<A> call = (ServerCallStreamObserver<A>) observer;
    // With a handler, answering a call that is gone is no error.
    call.setOnCancelHandler(() -> {});
    try {
      Requester requester = requester();
      executor.execute(
          () -> {
            if (call.isCancelled()) {
              return;
            }
            try {
              body.run(requester);
            } catch (RuntimeException e) {
              call.onError(errors.toException(e));
            }
          });
    } catch (RejectedExecutionException e) {
      call.onError(errors.toException(overloaded()));
    } catch (RuntimeException e) {
      call.onError(errors.toException(e));
    }
  }

  /**
   * Waits without a thread. The answer is read on the executor, or where the commit completed when
   * the executor is full: the change holds, so that OVERLOADED would be a lie.
   */
  private <A> void finish(
      StreamObserver<A> observer, CompletionStage<Outcome> stage, Function<Outcome, A> answer) {
    stage.whenComplete(
        (outcome, failure) -> {
          Runnable end = () -> end(observer, outcome, failure, answer);
          try {
            executor.execute(end);
          } catch (RejectedExecutionException e) {
            end.run();
          }
        });
  }

  private <A> void end(
      StreamObserver<A> observer,
      @Nullable Outcome outcome,
      @Nullable Throwable failure,
      Function<Outcome, A> answer) {
    try {
      if (outcome == null) {
        throw failure instanceof RuntimeException e
            ? e
            : new IllegalStateException("a commit failed", failure);
      }
      succeed(observer, answer.apply(outcome));
    } catch (RuntimeException e) {
      observer.onError(errors.toException(e));
    }
  }

  private static <A> void succeed(StreamObserver<A> observer, A answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }

  /** What a call does on the executor. */
  @FunctionalInterface
  private interface CallBody {
    void run(Requester requester);
  }
}
