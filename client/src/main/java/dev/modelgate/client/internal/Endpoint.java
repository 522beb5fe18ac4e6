package dev.modelgate.client.internal;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Where a sidecar listens. */
public sealed interface Endpoint {

  /**
   * A unix socket. Its directory must not be writable by everybody, and the socket, its directory
   * and the process behind it must have one owner; that is verified at each connect (hazard 40).
   *
   * @param path of the socket file; need not exist yet
   */
  record UnixSocket(Path path) implements Endpoint {
    @Override
    public Connection connect(Optional<Executor> callbacks) {
      if (!Epoll.isAvailable()) {
        throw new UnsupportedOperationException(
            "unix socket `" + path + "`: needs epoll, which only Linux has; use an address",
            Epoll.unavailabilityCause());
      }
      EventLoopGroup loops =
          new MultiThreadIoEventLoopGroup(
              1, new DefaultThreadFactory("modelgate-socket", true), EpollIoHandler.newFactory());
      Path socket = path.toAbsolutePath();
      NettyChannelBuilder builder =
          NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString()))
              .eventLoopGroup(loops)
              .channelFactory(
                  () -> {
                    EpollDomainSocketChannel channel = new EpollDomainSocketChannel();
                    channel
                        .pipeline()
                        .addLast(new PeerVerifier(socket, PeerVerifier.Peer::ofKernel));
                    return channel;
                  })
              .overrideAuthority("localhost");
      return Connection.open(builder, callbacks, Optional.of(loops), Connection.REDIAL);
    }
  }

  /**
   * TCP without TLS, and therefore loopback only.
   *
   * @param host a name or literal address that resolves to loopback
   * @param port 1 to 65,535
   */
  record Tcp(String host, int port) implements Endpoint {

    /**
     * Checks the address.
     *
     * @throws IllegalArgumentException if the port is out of range, or the host does not resolve or
     *     is not loopback
     */
    public Tcp {
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("port: `" + port + "` (expected: 1..65535)");
      }
      try {
        if (!InetAddress.getByName(host).isLoopbackAddress()) {
          throw new IllegalArgumentException(
              "host: `" + host + "` (expected: loopback, for the connection has no TLS)");
        }
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("host: `" + host + "` (expected: a known host)", e);
      }
    }

    @Override
    public Connection connect(Optional<Executor> callbacks) {
      return Connection.open(
          NettyChannelBuilder.forAddress(host, port),
          callbacks,
          Optional.empty(),
          Connection.REDIAL);
    }
  }

  /**
   * Makes a connection, which dials with the first RPC and again after each failure. Does not
   * block.
   *
   * @param callbacks runs the callbacks of asynchronous calls; empty: the pool that gRPC shares
   * @throws UnsupportedOperationException if this system has no unix sockets for gRPC
   */
  Connection connect(Optional<Executor> callbacks);
}
