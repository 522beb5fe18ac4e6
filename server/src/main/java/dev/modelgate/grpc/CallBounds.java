package dev.modelgate.grpc;

import com.google.protobuf.MessageLite;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what is under way of one listener: the calls of a caller, the large calls of a connection,
 * and the bytes of answers that nobody reads. Comes after authentication.
 *
 * <p>A call is under way until its last byte was handed to the network, not until it was answered:
 * who asks and does not read holds his own places. A Check of somebody on this machine without a
 * credential passes by almost at no cost: its connection bounds it, and its answer is small.
 */
final class CallBounds implements ServerInterceptor {
  private static final String CHECK = "modelgate.v1.AuthorizationService/Check";

  private final Bounds bounds;
  private final int largeCallsMax;
  private final ErrorMapper errors;
  private final ConcurrentHashMap<String, Integer> ofCallers = new ConcurrentHashMap<>();
  private final AtomicLong unreadBytes = new AtomicLong();

  /**
   * Bounds the calls of one listener.
   *
   * @param largeCallsMax the most calls of one connection that are no Check
   */
  CallBounds(Bounds bounds, int largeCallsMax, ErrorMapper errors) {
    this.bounds = bounds;
    this.largeCallsMax = largeCallsMax;
    this.errors = errors;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Connection connection = Connection.of(call.getAttributes());
    boolean isLarge = !call.getMethodDescriptor().getFullMethodName().equals(CHECK);
    String caller = caller(call.getAttributes());
    if (!isLarge && caller.isEmpty()) {
      return new LocalCheck<>(next.startCall(call, headers), connection);
    }
    if (isLarge && isFull(connection)) {
      return refuse(call, "answers");
    }
    if (isLarge && connection.calls.incrementAndGet() > largeCallsMax) {
      connection.calls.decrementAndGet();
      return refuse(call, "connection");
    }
    if (!caller.isEmpty()
        && ofCallers.merge(caller, 1, Integer::sum) > bounds.callsPerCallerMax()) {
      end(caller);
      if (isLarge) {
        connection.calls.decrementAndGet();
      }
      return refuse(call, "caller");
    }
    Runnable onEnd =
        () -> {
          if (isLarge) {
            connection.calls.decrementAndGet();
          }
          end(caller);
        };
    Answers<Q, A> answers = new Answers<>(call, connection, onEnd);
    return answers.listener(
        Contexts.interceptCall(connection.in(Context.current()), answers, headers, next));
  }

  private boolean isFull(Connection connection) {
    return unreadBytes.get() >= Bounds.UNREAD_BYTES_MAX
        || connection.unreadBytes.get() >= Bounds.UNREAD_BYTES_PER_CONNECTION_MAX;
  }

  /** Whom calls are counted for; empty for nobody. */
  private static String caller(Attributes connection) {
    Caller caller = CallerContext.KEY.get();
    if (caller.isAuthenticated()) {
      return caller.credential();
    }
    boolean isElsewhere =
        connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress remote
            && remote.getAddress() != null
            && !remote.getAddress().isLoopbackAddress();
    return isElsewhere
        ? ((InetSocketAddress) connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))
            .getAddress()
            .getHostAddress()
        : "";
  }

  private void end(String caller) {
    if (!caller.isEmpty()) {
      ofCallers.computeIfPresent(caller, (name, count) -> count == 1 ? null : count - 1);
    }
  }

  private <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, String queue) {
    StatusRuntimeException status =
        errors.toException(
            Refusal.of(Fault.OVERLOADED, "too much is under way already").with("queue", queue));
    Metadata trailers = status.getTrailers();
    call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    return new ServerCall.Listener<>() {};
  }

  /** Says over which connection it is asked. */
  private static final class LocalCheck<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Connection connection;

    LocalCheck(ServerCall.Listener<Q> plain, Connection connection) {
      super(plain);
      this.connection = connection;
    }

    @Override
    public void onHalfClose() {
      Context outer = connection.context.attach();
      try {
        super.onHalfClose();
      } finally {
        connection.context.detach(outer);
      }
    }
  }

  /** A call whose answers are counted until the transport has taken them. */
  private final class Answers<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Connection connection;
    private final Runnable onEnd;
    private final AtomicLong unread = new AtomicLong();

    Answers(ServerCall<Q, A> call, Connection connection, Runnable onEnd) {
      super(call);
      this.connection = connection;
      this.onEnd = onEnd;
    }

    @Override
    public void sendMessage(A message) {
      // A single answer goes out when the call is closed; before that nothing tells of it.
      boolean isSingle = getMethodDescriptor().getType().serverSendsOneMessage();
      if (isSingle) {
        count(message);
      }
      super.sendMessage(message);
      if (!isSingle && !isReady()) {
        count(message);
        if (isReady()) { // It may have been taken before it was counted.
          taken();
        }
      }
    }

    private void count(A message) {
      long bytes = message instanceof MessageLite answer ? answer.getSerializedSize() : 0;
      unread.addAndGet(bytes);
      connection.unreadBytes.addAndGet(bytes);
      unreadBytes.addAndGet(bytes);
    }

    ServerCall.Listener<Q> listener(ServerCall.Listener<Q> plain) {
      return new SimpleForwardingServerCallListener<>(plain) {
        @Override
        public void onReady() {
          taken();
          super.onReady();
        }

        @Override
        public void onComplete() {
          ended();
          super.onComplete();
        }

        @Override
        public void onCancel() {
          ended();
          super.onCancel();
        }
      };
    }

    private void taken() {
      long bytes = unread.getAndSet(0);
      connection.unreadBytes.addAndGet(-bytes);
      unreadBytes.addAndGet(-bytes);
    }

    private void ended() {
      taken();
      onEnd.run();
    }
  }
}
