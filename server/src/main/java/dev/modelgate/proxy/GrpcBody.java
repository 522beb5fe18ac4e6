package dev.modelgate.proxy;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;

/**
 * A gRPC request as HTTP/2 carries it: each message after five bytes of prefix.
 *
 * <pre>
 * | 0: 1 if compressed | 1..4: length of the message, big-endian | message |
 * </pre>
 */
final class GrpcBody {
  private static final int PREFIX_BYTES = 5;
  private static final String GRPC = "application/grpc";
  private static final Set<String> PROTOBUF = Set.of(GRPC, GRPC + "+proto");

  private GrpcBody() {}

  /** Whether a content type is one of gRPC, in whatever encoding. */
  static boolean isGrpc(String type) {
    return type.toLowerCase(Locale.ROOT).startsWith(GRPC);
  }

  /** Whether the messages are Protobuf, as servers take them too. */
  static boolean isProtobuf(String type) {
    int end = type.indexOf(';');
    String plain = end < 0 ? type : type.substring(0, end);
    return PROTOBUF.contains(plain.strip().toLowerCase(Locale.ROOT));
  }

  /**
   * The one message of a whole body. There must be no more: only the first would be checked, and a
   * stream of many is for ways that see each of them (hazard 38).
   *
   * @throws IllegalArgumentException saying what else it is, with nothing of it
   */
  static ByteBuffer message(byte[] body) {
    ByteBuffer in = ByteBuffer.wrap(body);
    if (in.remaining() < PREFIX_BYTES) {
      throw new IllegalArgumentException("a call without a message");
    }
    if (in.get() != 0) {
      throw new IllegalArgumentException("a compressed message");
    }
    int length = in.getInt();
    if (length != in.remaining()) {
      throw new IllegalArgumentException("not exactly one message");
    }
    return in.slice();
  }
}
