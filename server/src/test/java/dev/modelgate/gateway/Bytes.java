package dev.modelgate.gateway;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Messages of the tests: bytes of no form at all. */
final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
  private static final Bytes ONLY = new Bytes();

  private Bytes() {}

  static MethodDescriptor<byte[], byte[]> method(String name) {
    return MethodDescriptor.newBuilder(ONLY, ONLY)
        .setFullMethodName("test.Model/" + name)
        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
        .build();
  }

  @Override
  public InputStream stream(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  @Override
  public byte[] parse(InputStream bytes) {
    try {
      return bytes.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
