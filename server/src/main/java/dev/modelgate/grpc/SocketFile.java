package dev.modelgate.grpc;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;

/** The file of a unix socket. Netty removes it when it stops listening there. */
public final class SocketFile {
  private SocketFile() {}

  /**
   * Makes room for a socket: removes the file that a dead process left behind.
   *
   * @throws UnopenablePortException when the path is too long, is something else, or somebody
   *     listens there
   */
  public static void prepare(Path path) {
    int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > ServerSettings.SOCKET_PATH_BYTES_MAX) {
      throw new UnopenablePortException(
          "socket "
              + path
              + ": its path has "
              + bytes
              + " bytes (expected: at most "
              + ServerSettings.SOCKET_PATH_BYTES_MAX
              + ")");
    }
    if (!Files.exists(path)) {
      return;
    }
    if (Files.isRegularFile(path) || Files.isDirectory(path)) {
      throw new UnopenablePortException(
          "socket " + path + ": there is a file of that name that is no socket");
    }
    if (isListening(path)) {
      throw new UnopenablePortException("socket " + path + ": another process listens there");
    }
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UnopenablePortException("socket " + path + ": cannot be removed");
    }
  }

  /**
   * Gives the socket its group and mode, in this order: nobody gets a right that he should not have
   * for a moment.
   *
   * @throws UnopenablePortException when there is no such group, or the process may not give it
   */
  public static void restrict(SocketSettings socket) {
    Path path = socket.path();
    try {
      if (socket.group().isPresent()) {
        Files.getFileAttributeView(path, PosixFileAttributeView.class)
            .setGroup(group(path, socket.group().get()));
      }
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(socket.mode()));
    } catch (IOException e) {
      throw new UnopenablePortException(
          "socket " + path + ": its mode or group cannot be set (" + e.getMessage() + ")");
    }
  }

  private static GroupPrincipal group(Path path, String name) throws IOException {
    try {
      return path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
    } catch (UserPrincipalNotFoundException e) {
      throw new UnopenablePortException("socket " + path + ": there is no group " + name);
    }
  }

  private static boolean isListening(Path path) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(path));
    } catch (ConnectException e) {
      return false; // Refused: the file is there, the process is gone.
    } catch (IOException e) {
      throw new UnopenablePortException(
          "socket "
              + path
              + ": cannot tell whether another process listens there ("
              + e.getMessage()
              + ")");
    }
  }
}
