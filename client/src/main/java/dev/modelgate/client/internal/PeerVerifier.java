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

/**
 * Refuses an impostor on the socket before a byte is sent (hazard 40).
 *
 * <p>Before connecting: the directory is not writable by everybody, and the socket belongs to the
 * directory's owner. After connecting: the peer's uid, which the kernel tells, is that owner. What
 * is left out: directories further up; whoever can rename those owns the machine's layout.
 */
// Netty tells the outcome through the promise and the pipeline, not through what it returns.
@SuppressWarnings("FutureReturnValueIgnored")
final class PeerVerifier extends ChannelDuplexHandler {
  private final Path socket;
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
   */
  PeerVerifier(Path socket, Peer peer) {
    this.socket = socket;
    this.peer = peer;
  }

  @Override
  public void connect(
      ChannelHandlerContext context,
      SocketAddress remote,
      SocketAddress local,
      ChannelPromise promise) {
    try {
      ownerOf(socket);
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
      int owner = ownerOf(socket);
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
   * @throws IOException if either is missing, they have two owners, or everybody may write to the
   *     directory
   */
  static int ownerOf(Path socket) throws IOException {
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
    return owner;
  }
}
