package dev.modelgate.grpc;

import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers requests that cannot be decoded, are too large, or are not exactly one where the method
 * takes one. By itself grpc-java ends such a call as UNKNOWN or INTERNAL without details; here the
 * failure to decode is a value that reaches the call like a message, and closes it as
 * INVALID_ARGUMENT with our ErrorInfo. A request that decodes is passed on as it is: no object
 * more.
 */
final class Decoding {
  private Decoding() {}

  /** What arrives in place of a request that cannot be decoded. */
  private record Undecodable(StatusRuntimeException why) {}

  /** The service, with its requests decoded here. */
  static ServerServiceDefinition of(ServerServiceDefinition service, ErrorMapper errors) {
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
      methods.add(decoding(method, errors));
    }
    ServiceDescriptor plain = service.getServiceDescriptor();
    ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(plain.getName());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    if (plain.getSchemaDescriptor() != null) {
      descriptor.setSchemaDescriptor(plain.getSchemaDescriptor()); // Reflection reads it.
    }
    ServerServiceDefinition.Builder decoding = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(decoding::addMethod);
    return decoding.build();
  }

  private static <Q, A> ServerMethodDefinition<Object, A> decoding(
      ServerMethodDefinition<Q, A> method, ErrorMapper errors) {
    MethodDescriptor<Q, A> plain = method.getMethodDescriptor();
    MethodDescriptor<Object, A> lenient =
        plain.toBuilder(
                new RequestMarshaller<>(plain.getRequestMarshaller(), errors),
                plain.getResponseMarshaller())
            .build();
    return ServerMethodDefinition.create(lenient, handler(method.getServerCallHandler(), errors));
  }

  @SuppressWarnings("unchecked") // A call takes responses only; requests come to its listener.
  private static <Q, A> ServerCallHandler<Object, A> handler(
      ServerCallHandler<Q, A> plain, ErrorMapper errors) {
    return (call, headers) -> {
      // Where one request begins the handler's work, a refused call never began.
      if (call.getMethodDescriptor().getType().clientSendsOneMessage()) {
        ServerCall<Q, A> same = (ServerCall<Q, A>) (ServerCall<?, A>) call;
        return new Requests<>(call, plain.startCall(same, headers), errors);
      }
      Refusable<A> refusable = new Refusable<>(call);
      ServerCall<Q, A> same = (ServerCall<Q, A>) (ServerCall<?, A>) refusable;
      return new Requests<>(refusable, plain.startCall(same, headers), errors);
    };
  }

  /**
   * A stream that may be closed over its handler's head, while other threads of it answer: it sees
   * a cancelled call then, and what it still sends goes nowhere.
   */
  private static final class Refusable<A> extends SimpleForwardingServerCall<Object, A> {
    private boolean closed;
    private boolean refused;

    Refusable(ServerCall<Object, A> call) {
      super(call);
    }

    synchronized void refuse(Status status, Metadata trailers) {
      if (!closed) {
        refused = true;
        close(status, trailers);
      }
    }

    @Override
    public synchronized boolean isCancelled() {
      return refused || super.isCancelled();
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!refused) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(A message) {
      if (!refused) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!refused || !closed) {
        closed = true;
        super.close(status, trailers);
      }
    }
  }

  /** Passes requests on; the first that cannot be decoded ends the call. */
  private static final class Requests<Q> extends Listener<Object> {
    private final ServerCall<?, ?> call;
    private final Listener<Q> plain;
    private final ErrorMapper errors;
    private final boolean takesOne;
    private boolean taken;
    private boolean refused;

    Requests(ServerCall<?, ?> call, Listener<Q> plain, ErrorMapper errors) {
      this.call = call;
      this.plain = plain;
      this.errors = errors;
      this.takesOne = call.getMethodDescriptor().getType().clientSendsOneMessage();
    }

    @Override
    @SuppressWarnings(
        "unchecked") // What is not undecodable was made by the method's own marshaller.
    public void onMessage(Object message) {
      if (message instanceof Undecodable undecodable) {
        refuse(undecodable.why());
      } else if (takesOne && taken) {
        refuse(number("more than one"));
      } else if (!refused) {
        taken = true;
        plain.onMessage((Q) message);
      }
    }

    @Override
    public void onHalfClose() {
      if (takesOne && !taken) {
        refuse(number("none"));
      }
      if (!refused) {
        plain.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      plain.onCancel();
    }

    @Override
    public void onComplete() {
      if (refused) {
        plain.onCancel(); // It was not the handler that completed it.
      } else {
        plain.onComplete();
      }
    }

    @Override
    public void onReady() {
      plain.onReady();
    }

    private StatusRuntimeException number(String found) {
      return errors.toException(
          Refusal.ofField(Fault.INVALID_FIELD, "request", found, "exactly one message"));
    }

    private void refuse(StatusRuntimeException why) {
      if (!refused) {
        refused = true;
        Metadata trailers = why.getTrailers();
        Metadata details = trailers == null ? new Metadata() : trailers;
        if (call instanceof Refusable<?> stream) {
          stream.refuse(why.getStatus(), details);
        } else {
          call.close(why.getStatus(), details);
        }
      }
    }
  }

  /** Reads requests up to the bound; answers {@link Undecodable} for the rest. */
  private static final class RequestMarshaller<Q> implements Marshaller<Object> {
    private final Marshaller<Q> plain;
    private final ErrorMapper errors;

    RequestMarshaller(Marshaller<Q> plain, ErrorMapper errors) {
      this.plain = plain;
      this.errors = errors;
    }

    @Override
    @SuppressWarnings("unchecked") // Only requests are written, by clients in this process.
    public InputStream stream(Object value) {
      return plain.stream((Q) value);
    }

    @Override
    public Object parse(InputStream stream) {
      try {
        // A compressed one does not say how long it is: counted while it is read.
        boolean isSizeKnown = stream instanceof KnownLength;
        int size = isSizeKnown ? stream.available() : 0;
        if (size > ServerSettings.MESSAGE_BYTES_MAX) {
          return tooLarge(size);
        }
        return plain.parse(isSizeKnown ? stream : new BoundedInput(stream));
      } catch (IOException | RuntimeException e) {
        return undecodable(e);
      }
    }

    private Undecodable undecodable(Exception e) {
      Throwable cause = e;
      while (cause.getCause() != null && !(cause instanceof TooLargeException)) {
        cause = cause.getCause();
      }
      if (cause instanceof TooLargeException) {
        return tooLarge(ServerSettings.MESSAGE_BYTES_MAX + 1L);
      }
      return undecodable(
          Refusal.ofField(
              Fault.INVALID_FIELD,
              "request",
              cause == e ? "" : String.valueOf(cause.getMessage()),
              "a message of the contract: valid protobuf, text in UTF-8, nested at most 100 deep"));
    }

    private Undecodable tooLarge(long size) {
      return undecodable(Refusal.ofSize("request", size, ServerSettings.MESSAGE_BYTES_MAX));
    }

    private Undecodable undecodable(Refusal refusal) {
      return new Undecodable(errors.toException(refusal));
    }
  }
}
