package dev.modelgate.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Sends a stream of answers at the pace of the one who reads them: the next one is made only when
 * the transport has room for it, so that a slow reader costs no memory. Thread-safe.
 *
 * @param <A> the type of an answer
 */
final class StreamedAnswer<A> {
  private final ServerCallStreamObserver<A> call;
  private final ErrorMapper errors;
  private final Supplier<Step<A>> next;
  private final Runnable close;
  private final SerialTask task;
  private boolean ended;

  /**
   * What a source has at present.
   *
   * @param answer the next one; empty when there is none now
   * @param last whether there will be no more
   */
  record Step<A>(Optional<A> answer, boolean last) {
    static <A> Step<A> of(A answer) {
      return new Step<>(Optional.of(answer), false);
    }

    /** Nothing until the next {@link StreamedAnswer#wake}. */
    static <A> Step<A> waiting() {
      return new Step<>(Optional.empty(), false);
    }

    static <A> Step<A> end() {
      return new Step<>(Optional.empty(), true);
    }
  }

  /**
   * A stream that does nothing before {@link #wake}. To be made in the handler, before it returns.
   *
   * @param next makes the next step; called on the executor, one call at a time; may block for
   *     reads
   * @param close lets the source go; called once or more, on any thread, also while a step is made
   */
  StreamedAnswer(
      ServerCallStreamObserver<A> call,
      Executor executor,
      ErrorMapper errors,
      Supplier<Step<A>> next,
      Runnable close) {
    this.call = call;
    this.errors = errors;
    this.next = next;
    this.close = close;
    this.task =
        new SerialTask(executor, this::send, () -> fail(AdminCalls.overloaded().asException()));
    call.setOnReadyHandler(task::signal);
    call.setOnCancelHandler(task::signal);
  }

  /** Says that the source may have more. Quick; never throws. */
  void wake() {
    task.signal();
  }

  private void send() {
    if (ended) {
      return;
    }
    if (call.isCancelled()) {
      end();
      return;
    }
    try {
      while (call.isReady() && !call.isCancelled()) {
        Step<A> step = next.get();
        step.answer().ifPresent(call::onNext);
        if (step.last()) {
          end();
          call.onCompleted();
          return;
        }
        if (step.answer().isEmpty()) {
          return;
        }
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void fail(RuntimeException failure) {
    if (ended) {
      return;
    }
    end();
    call.onError(errors.toException(failure));
  }

  private void end() {
    ended = true;
    close.run();
  }
}
