package dev.modelgate.grpc;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The data plane's unix socket. Its owner is the user that the sidecar runs as, which is how a
 * client knows that it is no impostor's (hazard 40).
 *
 * @param path at most {@value ServerSettings#SOCKET_PATH_BYTES_MAX} bytes
 * @param mode who may connect, such as {@code rw-rw----}
 * @param group name or number of the file's group; empty: that of the process, or of the directory
 *     if it hands its group down
 */
public record SocketSettings(Path path, String mode, Optional<String> group) {

  /** Refuses a mode that is none. */
  public SocketSettings {
    PosixFilePermissions.fromString(mode);
  }
}
