package dev.modelgate.gateway;

import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.grpc.Bounds;
import io.grpc.ServerCredentials;
import java.time.Duration;

/**
 * Where a gateway listens, what is behind it, and its bounds.
 *
 * @param host address to listen on
 * @param port 0 for a free one
 * @param tls how connections are protected
 * @param upstream what is behind it
 * @param threads event loops, each with a connection to the upstream
 * @param bytesMax the most bytes that all calls hold together, windows included
 * @param messageBytesMax the most bytes of one message, as it comes and inflated
 * @param windowBytes how much either peer of a call may send before it is read
 * @param callsMax the most calls under way
 * @param bounds of connections
 * @param drainMax how long a stop waits for calls
 */
public record GatewaySettings(
    String host,
    int port,
    ServerCredentials tls,
    Endpoint upstream,
    int threads,
    long bytesMax,
    int messageBytesMax,
    int windowBytes,
    int callsMax,
    Bounds bounds,
    Duration drainMax) {

  /** The largest metadata of a call, in bytes, either way. */
  static final int METADATA_BYTES_MAX = 64 << 10;

  /** The least window: HTTP/2's own. */
  public static final int WINDOW_BYTES_MIN = 65_535;

  /** Refuses bounds that do not hold one message. */
  public GatewaySettings {
    if (windowBytes < WINDOW_BYTES_MIN || callsMax < 1 || messageBytesMax < 1 || threads < 1) {
      throw new IllegalArgumentException("bounds out of range");
    }
    if (bytesMax < 2L * windowBytes + messageBytesMax) {
      throw new IllegalArgumentException(
          "bytesMax: " + bytesMax + " (expected: a message and the windows of a call)");
    }
  }
}
