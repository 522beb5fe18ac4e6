package dev.modelgate.grpc;

import dev.modelgate.model.Fault;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.Refusal;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls of methods that no service has, as every error is answered: with a reason and with
 * no more of what was sent than is bounded. By itself grpc-java echoes the whole path. Nothing of
 * the request is read.
 */
final class UnknownMethods extends HandlerRegistry {
  private final ErrorMapper errors;

  UnknownMethods(ErrorMapper errors) {
    this.errors = errors;
  }

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
    MethodDescriptor<byte[], byte[]> method =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodType.UNKNOWN)
            .setFullMethodName(name)
            .setRequestMarshaller(Unread.INSTANCE)
            .setResponseMarshaller(Unread.INSTANCE)
            .build();
    return ServerMethodDefinition.create(method, (call, headers) -> refuse(call, name));
  }

  private ServerCall.Listener<byte[]> refuse(ServerCall<byte[], byte[]> call, String name) {
    String method = InvalidNameException.shortened(name);
    StatusRuntimeException status =
        errors.toException(
            Refusal.of(Fault.METHOD_UNKNOWN, "no method `" + method + "` on this port")
                .with("method", method));
    Metadata trailers = status.getTrailers();
    call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    return new ServerCall.Listener<>() {};
  }

  /** For messages that are neither asked for nor sent. */
  private enum Unread implements Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] value) {
      return InputStream.nullInputStream();
    }

    @Override
    public byte[] parse(InputStream stream) {
      return new byte[0];
    }
  }
}
