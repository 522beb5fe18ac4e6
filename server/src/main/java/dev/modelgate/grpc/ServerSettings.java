package dev.modelgate.grpc;

import io.grpc.ServerCredentials;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the planes listen, and their bounds.
 *
 * @param dataHost address of the data plane
 * @param dataPort 0 for a free one
 * @param dataTls how connections to the data plane's port are protected; those to the socket need
 *     nothing
 * @param socket the data plane's unix socket; empty for none
 * @param adminHost address of the admin plane
 * @param adminPort 0 for a free one
 * @param adminTls how connections to the admin plane are protected
 * @param drainMax how long a stop waits for calls
 */
public record ServerSettings(
    String dataHost,
    int dataPort,
    ServerCredentials dataTls,
    Optional<SocketSettings> socket,
    String adminHost,
    int adminPort,
    ServerCredentials adminTls,
    Duration drainMax) {
  /** The largest message on either plane, in bytes. */
  public static final int MESSAGE_BYTES_MAX = 4 << 20;

  /**
   * What the transport lets through, in bytes, so that a message above the bound can be refused
   * with a reason; beyond this the call just ends as RESOURCE_EXHAUSTED.
   */
  public static final int FRAME_BYTES_MAX = 8 << 20;

  /** The largest metadata of a call, in bytes. */
  public static final int METADATA_BYTES_MAX = 16 << 10;

  /** The most calls in flight on one connection of the data plane. */
  public static final int CALLS_PER_CONNECTION_MAX = 4_096;

  /** The same of the admin plane. */
  public static final int ADMIN_CALLS_PER_CONNECTION_MAX = 1_024;

  /** How long a client may take for the handshake of TLS and of HTTP/2, in seconds. */
  public static final int HANDSHAKE_SECONDS_MAX = 20;

  /** The longest path of a unix socket, in bytes: what the system's address holds. */
  public static final int SOCKET_PATH_BYTES_MAX = 107;
}
