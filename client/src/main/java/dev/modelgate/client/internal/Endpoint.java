package dev.modelgate.client.internal;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettySslContextChannelCredentials;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Executor;

/** Where a sidecar listens. */
public sealed interface Endpoint {

  /**
   * A unix socket. Its directory must not be writable by everybody; the socket, its directory and
   * the process behind it must have one owner; and this is the user of this process, root, one that
   * is named here, or one to whom root gave the directory, all those above it being root's or this
   * user's and writable by nobody else. That is verified at each connect (hazard 40).
   *
   * @param path of the socket file; need not exist yet
   * @param owner the uid of a further user who may be at the other end
   */
  record UnixSocket(Path path, OptionalInt owner) implements Endpoint {
    /** With no further user. */
    public UnixSocket(Path path) {
      this(path, OptionalInt.empty());
    }

    @Override
    public NettyChannelBuilder builder(EventLoopGroup loops) {
      Path socket = path.toAbsolutePath();
      Set<Integer> trusted = PeerVerifier.trusted(owner);
      return NettyChannelBuilder.forAddress(
              new DomainSocketAddress(socket.toString()), InsecureChannelCredentials.create())
          .eventLoopGroup(loops)
          .channelFactory(
              () -> {
                EpollDomainSocketChannel channel = new EpollDomainSocketChannel();
                channel
                    .pipeline()
                    .addLast(new PeerVerifier(socket, trusted, PeerVerifier.Peer::ofKernel));
                return channel;
              })
          .overrideAuthority("localhost");
    }

    @Override
    public Connection connect(Optional<Executor> callbacks) {
      if (!Epoll.isAvailable()) {
        throw new UnsupportedOperationException(
            "unix socket `" + path + "`: needs epoll, which only Linux has; use an address",
            Epoll.unavailabilityCause());
      }
      if (callbacks.isPresent() && callbacks.get() instanceof EventLoop loop) {
        return Connection.openOnLoop(builder(loop));
      }
      EventLoopGroup loops =
          new MultiThreadIoEventLoopGroup(
              1, new DefaultThreadFactory("modelgate-socket", true), EpollIoHandler.newFactory());
      return Connection.open(builder(loops), callbacks, Optional.of(loops), Connection.REDIAL);
    }

    @Override
    public String text() {
      return path.toString();
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
      requirePort(port);
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
    public NettyChannelBuilder builder(EventLoopGroup loops) {
      return Connection.carried(dialing(), loops);
    }

    @Override
    public Connection connect(Optional<Executor> callbacks) {
      return callbacks.isPresent() && callbacks.get() instanceof EventLoop loop
          ? Connection.openOnLoop(builder(loop))
          : Connection.open(dialing(), callbacks, Optional.empty(), Connection.REDIAL);
    }

    private NettyChannelBuilder dialing() {
      return NettyChannelBuilder.forAddress(host, port, InsecureChannelCredentials.create());
    }

    @Override
    public String text() {
      return host + ":" + port;
    }
  }

  /**
   * TCP with TLS, to any address.
   *
   * @param host a name or literal address
   * @param port 1 to 65,535
   * @param tls whom to trust and what to show
   */
  record Tls(String host, int port, ClientTls tls) implements Endpoint {

    /**
     * Checks the port.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Tls {
      requirePort(port);
    }

    @Override
    public NettyChannelBuilder builder(EventLoopGroup loops) {
      return Connection.carried(dialing(), loops);
    }

    /**
     * As the interface says.
     *
     * @throws IllegalArgumentException in one line, if a file of TLS is of no use
     */
    @Override
    public Connection connect(Optional<Executor> callbacks) {
      return callbacks.isPresent() && callbacks.get() instanceof EventLoop loop
          ? Connection.openOnLoop(builder(loop))
          : Connection.open(dialing(), callbacks, Optional.empty(), Connection.REDIAL);
    }

    private NettyChannelBuilder dialing() {
      NettyChannelBuilder builder = NettyChannelBuilder.forAddress(host, port, credentials());
      tls.serverName().ifPresent(builder::overrideAuthority);
      return builder;
    }

    @Override
    public String text() {
      return host + ":" + port;
    }

    private ChannelCredentials credentials() {
      try {
        ClientSslContexts contexts = new ClientSslContexts(tls);
        return NettySslContextChannelCredentials.create(
            new LatestSslContext(contexts.get(), contexts));
      } catch (IOException e) {
        throw new IllegalArgumentException("TLS: " + e.getMessage(), e);
      }
    }
  }

  /** Where a sidecar with this data directory listens, if it was told nothing else. */
  static Endpoint usual(Path data, OptionalInt owner) {
    Path usual = data.resolve("modelgate.sock");
    return Files.exists(usual) ? new UnixSocket(usual, owner) : new Tcp("127.0.0.1", 7070);
  }

  /**
   * Makes a connection, which dials with the first RPC and again after each failure. Does not
   * block.
   *
   * @param callbacks runs the callbacks of asynchronous calls; empty: the pool that gRPC shares. An
   *     event loop of gRPC's Netty carries the connection too, so that a question asked on it is
   *     answered on it without a change of threads
   * @throws UnsupportedOperationException if this system has no unix sockets for gRPC
   */
  Connection connect(Optional<Executor> callbacks);

  /**
   * For a channel that a caller's event loops carry; on Linux they must be those of epoll.
   *
   * @throws IllegalArgumentException in one line, if a file of TLS is of no use
   */
  NettyChannelBuilder builder(EventLoopGroup loops);

  /** As people write it. */
  String text();

  private static void requirePort(int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port: `" + port + "` (expected: 1..65535)");
    }
  }
}
