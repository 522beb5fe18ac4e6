package dev.modelgate.grpc;

import dev.modelgate.app.identity.Caller;
import dev.modelgate.model.Refusal;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A call that begins when its caller is known.
 *
 * <p>Invariants: the handler does not begin before that; it sees the events of the transport one at
 * a time and in their order, whichever thread made the caller known; a call that is refused never
 * reaches it. What waits is bounded: no message comes before the handler has asked for one.
 */
final class IdentifiedCall<Q, A> extends ServerCall.Listener<Q> {
  private final ServerCall<Q, A> call;
  private final Metadata headers;
  private final ServerCallHandler<Q, A> next;
  private final Authentication authentication;
  private final ErrorMapper errors;

  private final Object lock = new Object();
  // Guarded by the lock.
  private final Deque<Consumer<ServerCall.Listener<Q>>> waiting = new ArrayDeque<>();
  private ServerCall.@Nullable Listener<Q> handler;
  private boolean refused;

  /** Set once, before the handler begins or the call is refused. */
  private volatile @Nullable Caller known;

  IdentifiedCall(
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next,
      Authentication authentication,
      ErrorMapper errors) {
    this.call = call;
    this.headers = headers;
    this.next = next;
    this.authentication = authentication;
    this.errors = errors;
  }

  /**
   * Begins the call, at once when the caller is known already.
   *
   * @param context what the handler runs in; may refuse the caller
   * @return what the transport tells its events
   */
  ServerCall.Listener<Q> start(Function<Caller, Context> context) {
    CompletableFuture<Caller> found = authentication.caller(headers, call.getAttributes());
    if (found.isDone()) {
      try {
        return begin(found.join(), context);
      } catch (RuntimeException e) {
        refuse(e);
        return this;
      }
    }
    Context outer = Context.current();
    CompletableFuture<Void> unused =
        found.handle(
            (caller, failure) -> {
              outer.run(() -> beginLater(caller, failure, context));
              return null;
            });
    return this;
  }

  @Override
  public void onMessage(Q message) {
    event(listener -> listener.onMessage(message));
  }

  @Override
  public void onHalfClose() {
    event(ServerCall.Listener::onHalfClose);
  }

  @Override
  public void onReady() {
    event(ServerCall.Listener::onReady);
  }

  @Override
  public void onCancel() {
    event(ServerCall.Listener::onCancel);
  }

  @Override
  public void onComplete() {
    event(ServerCall.Listener::onComplete);
  }

  /** A unary call is over before it matters that its credential ends. */
  private ServerCall.Listener<Q> begin(Caller caller, Function<Caller, Context> context) {
    known = caller;
    Context inner = context.apply(caller);
    AuditedCall<Q, A> audited =
        new AuditedCall<>(call, authentication.trail(), caller, RequesterContext.KEY.get(inner));
    if (call.getMethodDescriptor().getType() == MethodType.UNARY || !caller.mayEnd()) {
      return audited.listener(Contexts.interceptCall(inner, audited, headers, next));
    }
    ExpiringCall<Q, A> expiring =
        new ExpiringCall<>(audited, () -> authentication.isExpired(caller), errors);
    return audited.listener(
        expiring.listener(Contexts.interceptCall(inner, expiring, headers, next)));
  }

  private void beginLater(
      @Nullable Caller caller, @Nullable Throwable failure, Function<Caller, Context> context) {
    try {
      if (caller == null) {
        throw failure instanceof RuntimeException e
            ? e
            : new IllegalStateException("an authenticator failed", failure);
      }
      drain(begin(caller, context));
    } catch (RuntimeException e) {
      refuse(e);
    }
  }

  /** Hands on what waits; then, and not before, events go straight to the handler. */
  private void drain(ServerCall.Listener<Q> started) {
    while (true) {
      Consumer<ServerCall.Listener<Q>> event;
      synchronized (lock) {
        event = waiting.poll();
        if (event == null) {
          handler = started;
          return;
        }
      }
      event.accept(started);
    }
  }

  private void event(Consumer<ServerCall.Listener<Q>> event) {
    ServerCall.Listener<Q> running;
    synchronized (lock) {
      running = handler;
      if (running == null && !refused) {
        waiting.add(event);
      }
    }
    if (running != null) {
      event.accept(running);
    }
  }

  private void refuse(RuntimeException e) {
    synchronized (lock) {
      refused = true;
      waiting.clear();
    }
    Refusal refusal = errors.toRefusal(e);
    authentication.count(refusal);
    StatusRuntimeException status = errors.toException(refusal);
    Metadata trailers = status.getTrailers();
    Caller caller = known;
    new AuditedCall<>(
            call,
            authentication.trail(),
            caller == null ? authentication.unknown(call.getAttributes()) : caller,
            null)
        .close(status.getStatus(), trailers == null ? new Metadata() : trailers);
  }
}
