package dev.modelgate.client.grpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call whose messages wait for their verdict.
 *
 * <p>Events of the transport, verdicts and the handler's requests for messages only change the
 * fields; {@link #drain} then does what they permit, one step at a time, on whichever thread came
 * first. A denial itself, and a cut, waits for nobody. Invariants: the handler sees no message
 * without a verdict that lets it pass, sees events one at a time and in the order of the transport,
 * and is not started before the first such verdict; at most one message is held, for the transport
 * is asked for one only when none is.
 */
final class HeldCall<ReqT, RespT> extends ServerCall.Listener<ReqT> {

  /** Judges messages, and the call while it runs. */
  @FunctionalInterface
  interface Judge<ReqT> {
    /** The denial, or empty to let it pass; completes on any thread, never exceptionally. */
    CompletableFuture<Optional<Denial>> judge(ReqT message, boolean first);

    /**
     * The call begins.
     *
     * @param cut ends it when it may not run on; on any thread, at once; again, nothing
     */
    default void begin(Consumer<Denial> cut) {}

    /** The call has ended. */
    default void end() {}
  }

  private static final Logger LOGGER = LoggerFactory.getLogger(HeldCall.class);

  private final ServerCall<ReqT, RespT> call;
  private final Metadata headers;
  private final ServerCallHandler<ReqT, RespT> next;
  private final Judge<ReqT> judge;
  private final Executor handlers;
  private final Context context = Context.current();

  private final Object lock = new Object();
  // Guarded by lock.
  private ServerCall.@Nullable Listener<ReqT> handler;
  private @Nullable ReqT held;
  private boolean heldMayPass;
  private boolean anyPassed;
  private boolean requested;
  private long demand;
  private boolean ready;
  private boolean halfClosed;
  private boolean closed;
  private boolean denied;
  private @Nullable Runnable end;
  private boolean ended;
  private boolean draining;

  /**
   * A call that is not started yet.
   *
   * @param handlers runs the handler where the thread is one that tells verdicts of other calls,
   *     too, or cuts them: these must not wait for a handler, which may take as long as it likes
   */
  HeldCall(
      ServerCall<ReqT, RespT> call,
      Metadata headers,
      ServerCallHandler<ReqT, RespT> next,
      Judge<ReqT> judge,
      Executor handlers) {
    this.call = call;
    this.headers = headers;
    this.next = next;
    this.judge = judge;
    this.handlers = handlers;
  }

  /** Asks the transport for the first message. */
  void start() {
    judge.begin(this::cut);
    requested = true;
    call.request(1);
  }

  @Override
  public void onMessage(ReqT message) {
    boolean first;
    synchronized (lock) {
      requested = false;
      held = message;
      first = !anyPassed;
    }
    CompletableFuture<Optional<Denial>> verdict = judge.judge(message, first);
    boolean isOwnThread = verdict.isDone();
    CompletableFuture<Void> unused =
        verdict.handle(
            (denial, failure) -> {
              decided(failure == null ? denial : Optional.of(Denial.unmapped()));
              if (isOwnThread) {
                drain();
              } else {
                handle();
              }
              return null;
            });
  }

  private void decided(Optional<Denial> denial) {
    synchronized (lock) {
      if (denial.isPresent()) {
        held = null;
        deny(denial.get());
      } else {
        heldMayPass = true;
        anyPassed = true;
      }
    }
  }

  /**
   * Ends the call in the middle: the client is told at once, also while the handler is at work,
   * whose messages go nowhere from now on.
   */
  private void cut(Denial denial) {
    synchronized (lock) {
      if (closed || end != null || ended) {
        return;
      }
      held = null;
      deny(denial);
    }
    handle();
  }

  /** Drains where nobody else waits, and nobody takes what a handler throws: it is logged. */
  private void handle() {
    Runnable work =
        () -> {
          try {
            drain();
          } catch (RuntimeException e) {
            LOGGER.trace("on a thread of its own", e);
          }
        };
    try {
      handlers.execute(work);
    } catch (RejectedExecutionException e) {
      work.run(); // Rather late than never.
    }
  }

  /** Ends the call unless it has ended. Runs under the lock, which also keeps the handler out. */
  private void deny(Denial denial) {
    if (!closed) {
      closed = true;
      denied = true;
      call.close(denial.status(), denial.trailers());
    }
    // A handler that runs did not end the call itself, so to it this is a cancellation.
    ServerCall.Listener<ReqT> running = handler;
    end = running == null ? () -> {} : running::onCancel;
  }

  @Override
  public void onHalfClose() {
    synchronized (lock) {
      halfClosed = true;
      if (held == null && !anyPassed && end == null) {
        deny(Denial.unmapped());
      }
    }
    drain();
  }

  @Override
  public void onReady() {
    synchronized (lock) {
      ready = true;
    }
    drain();
  }

  @Override
  public void onCancel() {
    endWith(true);
  }

  @Override
  public void onComplete() {
    endWith(false);
  }

  private void endWith(boolean cancelled) {
    judge.end();
    synchronized (lock) {
      ServerCall.Listener<ReqT> running = handler;
      closed = true;
      held = null;
      if (end == null) {
        end = running == null ? () -> {} : cancelled ? running::onCancel : running::onComplete;
      }
    }
    drain();
  }

  private void drain() {
    synchronized (lock) {
      if (draining) {
        return;
      }
      draining = true;
    }
    for (Runnable step = nextStep(); step != null; step = nextStep()) {
      try {
        context.run(step);
      } catch (RuntimeException | Error e) {
        failed();
        // Where a verdict has come, nobody else hears of it: the thread is the client's.
        LOGGER.error("a handler of `{}` threw", call.getMethodDescriptor().getFullMethodName(), e);
        throw e;
      }
    }
  }

  /** The handler threw: the call ends as it would without this class, and nothing more runs. */
  private void failed() {
    synchronized (lock) {
      draining = false;
      ended = true;
      held = null;
      if (!closed) {
        closed = true;
        call.close(Status.UNKNOWN.withDescription("application error"), new Metadata());
      }
    }
  }

  /** What is permitted now, or null; then nobody drains any more. */
  private @Nullable Runnable nextStep() {
    synchronized (lock) {
      Runnable step = ended ? null : choose();
      draining = step != null;
      return step;
    }
  }

  private @Nullable Runnable choose() {
    if (end != null) {
      ended = true;
      return end;
    }
    ServerCall.Listener<ReqT> running = handler;
    if (running == null) {
      return heldMayPass ? this::startHandler : null;
    }
    if (ready) {
      ready = false;
      return running::onReady;
    }
    ReqT message = held;
    if (message != null) {
      if (!heldMayPass || demand == 0) {
        return null;
      }
      held = null;
      heldMayPass = false;
      demand--;
      return () -> running.onMessage(message);
    }
    if (halfClosed) {
      halfClosed = false;
      return running::onHalfClose;
    }
    if (demand > 0 && !requested && !closed) {
      requested = true;
      return () -> call.request(1);
    }
    return null;
  }

  private void startHandler() {
    ServerCall.Listener<ReqT> started = next.startCall(new GuardedCall(), headers);
    synchronized (lock) {
      handler = started;
      if (end != null) {
        // Ended meanwhile, by the transport: the handler has to hear of it.
        end = started::onCancel;
      }
    }
  }

  /** What the handler sees: silent after a denial, and counting what it asks for. */
  private final class GuardedCall extends SimpleForwardingServerCall<ReqT, RespT> {
    GuardedCall() {
      super(call);
    }

    @Override
    public void request(int messages) {
      synchronized (lock) {
        demand += messages;
      }
      drain();
    }

    /** A handler that is at work looks here whether it should go on. */
    @Override
    public boolean isCancelled() {
      synchronized (lock) {
        return denied || super.isCancelled();
      }
    }

    @Override
    public void sendHeaders(Metadata responseHeaders) {
      synchronized (lock) {
        if (!closed) {
          super.sendHeaders(responseHeaders);
        }
      }
    }

    @Override
    public void sendMessage(RespT message) {
      synchronized (lock) {
        if (!closed) {
          super.sendMessage(message);
        }
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      synchronized (lock) {
        if (!closed) {
          closed = true;
          super.close(status, trailers);
        }
      }
    }
  }
}
