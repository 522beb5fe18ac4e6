package dev.modelgate.client.internal;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Refuses an impostor on the socket before a byte is sent (hazard 40).
 *
 * <p>Before connecting: the directory is not writable by everybody, the socket belongs to the
 * directory's owner, and he is trusted: he is this process's user, root, or named by it; or root
 * gave him the directory, for nobody else could have made it where it is. After connecting: the
 * peer's uid, which the kernel tells, is that owner.
 */
// Netty tells the outcome through the promise and the pipeline, not through what it returns.
@SuppressWarnings("FutureReturnValueIgnored")
final class PeerVerifier extends ChannelDuplexHandler {
  private static final int ROOT = 0;

  private final Path socket;
  private final Set<Integer> trusted;
  private final Peer peer;

  /** Tells who is at the other end of a connected socket. */
  @FunctionalInterface
  interface Peer {
    int uid(Channel channel) throws IOException;

    /** What the kernel says. */
    static int ofKernel(Channel channel) throws IOException {
      return ((EpollDomainSocketChannel) channel).peerCredentials().uid();
    }
  }

  /**
   * @param socket the absolute path of the socket
   * @param trusted the uids that may own it wherever it lies
   */
  PeerVerifier(Path socket, Set<Integer> trusted, Peer peer) {
    this.socket = socket;
    this.trusted = Set.copyOf(trusted);
    this.peer = peer;
  }

  /** This process's user, root, and one that is named. */
  static Set<Integer> trusted(OptionalInt named) {
    Set<Integer> trusted = new HashSet<>(Set.of(ROOT));
    named.ifPresent(trusted::add);
    try {
      trusted.add((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException e) {
      // Unknown: the others have to do.
    }
    return trusted;
  }

  @Override
  public void connect(
      ChannelHandlerContext context,
      SocketAddress remote,
      SocketAddress local,
      ChannelPromise promise) {
    try {
      ownerOf(socket, trusted);
    } catch (IOException e) {
      promise.setFailure(e);
      return;
    }
    context.connect(remote, local, promise);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    try {
      int uid = peer.uid(context.channel());
      int owner = ownerOf(socket, trusted);
      if (uid != owner) {
        throw new IOException(
            "`" + socket + "`: the server runs as uid " + uid + ", the owner is " + owner);
      }
      context.fireChannelActive();
    } catch (IOException e) {
      // gRPC has sent nothing yet: it begins with the event that is withheld here.
      context.fireExceptionCaught(e);
      context.close();
    }
  }

  /**
   * The uid that owns the socket and its directory.
   *
   * @throws IOException if either is missing, they have two owners, everybody may write to the
   *     directory, or the owner is not trusted
   */
  static int ownerOf(Path socket, Set<Integer> trusted) throws IOException {
    Path parent = socket.getParent();
    if (parent == null || !Files.exists(socket)) {
      throw new IOException("`" + socket + "`: no such socket");
    }
    Path directory = parent.toRealPath();
    if (Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException("`" + directory + "`: everybody may write to the socket's directory");
    }
    int owner = (Integer) Files.getAttribute(directory, "unix:uid");
    int socketOwner = (Integer) Files.getAttribute(socket, "unix:uid");
    if (owner != socketOwner) {
      throw new IOException(
          "`" + socket + "`: owned by uid " + socketOwner + ", its directory by " + owner);
    }
    if (!trusted.contains(owner) && !isGiven(directory, trusted)) {
      throw new IOException(
          "`"
              + socket
              + "`: its owner, uid "
              + owner
              + ", is neither this user nor root, and others could have made its directory; name"
              + " the owner if it is the sidecar's user");
    }
    return owner;
  }

  /** Whether all directories above are of trusted users, and nobody else may write to them. */
  static boolean isGiven(Path directory, Set<Integer> trusted) throws IOException {
    for (Path at = directory.getParent(); at != null; at = at.getParent()) {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(at);
      if (!trusted.contains((Integer) Files.getAttribute(at, "unix:uid"))
          || mode.contains(PosixFilePermission.GROUP_WRITE)
          || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
        return false;
      }
    }
    return true;
  }
}
