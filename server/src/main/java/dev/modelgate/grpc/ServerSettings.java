package dev.modelgate.grpc;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the planes listen, and their bounds.
 *
 * @param dataHost address of the data plane
 * @param dataPort 0 for a free one
 * @param socket the data plane's unix socket; empty for none
 * @param adminHost address of the admin plane
 * @param adminPort 0 for a free one
 * @param drainMax how long a stop waits for calls
 */
public record ServerSettings(
    String dataHost,
    int dataPort,
    Optional<Path> socket,
    String adminHost,
    int adminPort,
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

  /** The most calls in flight on one connection. */
  public static final int CALLS_PER_CONNECTION_MAX = 4_096;

  /** The longest path of a unix socket, in bytes: what the system's address holds. */
  public static final int SOCKET_PATH_BYTES_MAX = 107;
}
