package dev.modelgate.grpc;

import dev.modelgate.app.identity.Unauthenticated;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.function.BooleanSupplier;

/**
 * A streaming call that ends with the credential that began it: from then on no message passes in
 * either direction, the client is told UNAUTHENTICATED, and the handler that it was cancelled.
 */
final class ExpiringCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private final BooleanSupplier expired;
  private final ErrorMapper errors;
  // Guarded by this: the transport's thread and the handler's may end the call at the same time.
  private boolean closed;
  private boolean cut;

  ExpiringCall(ServerCall<Q, A> call, BooleanSupplier expired, ErrorMapper errors) {
    super(call);
    this.expired = expired;
    this.errors = errors;
  }

  /** The handler's listener, which sees no message of an expired call. */
  ServerCall.Listener<Q> listener(ServerCall.Listener<Q> handler) {
    return new SimpleForwardingServerCallListener<>(handler) {
      @Override
      public void onMessage(Q message) {
        if (goesOn()) {
          super.onMessage(message);
        }
      }

      @Override
      public void onHalfClose() {
        if (goesOn()) {
          super.onHalfClose();
        }
      }

      @Override
      public void onComplete() {
        if (isCut()) {
          super.onCancel(); // The handler did not end the call itself.
        } else {
          super.onComplete();
        }
      }
    };
  }

  @Override
  public synchronized void sendHeaders(Metadata headers) {
    if (!closed) {
      super.sendHeaders(headers);
    }
  }

  @Override
  public synchronized void sendMessage(A message) {
    if (goesOn()) {
      super.sendMessage(message);
    }
  }

  @Override
  public synchronized void close(Status status, Metadata trailers) {
    if (!closed) {
      closed = true;
      super.close(status, trailers);
    }
  }

  /** True of a call that was cut, or its handler would keep what it took for it. */
  @Override
  public boolean isCancelled() {
    return isCut() || super.isCancelled();
  }

  private synchronized boolean goesOn() {
    if (!closed && expired.getAsBoolean()) {
      cut = true;
      StatusRuntimeException status =
          errors.toException(Unauthenticated.EXPIRED.asException().refusal());
      Metadata trailers = status.getTrailers();
      close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    }
    return !closed;
  }

  private synchronized boolean isCut() {
    return cut;
  }
}
