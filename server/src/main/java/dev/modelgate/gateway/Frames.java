package dev.modelgate.gateway;

import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Has gRPC give and take messages of any method as {@link Frame}s. */
final class Frames implements MethodDescriptor.Marshaller<Frame> {
  private static final Frames ONLY = new Frames();

  private Frames() {}

  /**
   * A method of which nothing but the name is known.
   *
   * @param fullName the service and the method, with a slash between
   */
  static MethodDescriptor<Frame, Frame> method(String fullName) {
    return MethodDescriptor.newBuilder(ONLY, ONLY)
        .setFullMethodName(fullName)
        .setType(MethodDescriptor.MethodType.UNKNOWN)
        .build();
  }

  @Override
  public InputStream stream(Frame frame) {
    return frame;
  }

  @Override
  public Frame parse(InputStream message) {
    try {
      return Frame.of(message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
