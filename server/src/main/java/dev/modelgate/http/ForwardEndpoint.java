package dev.modelgate.http;

import dev.modelgate.app.Telemetry;
import dev.modelgate.proxy.Gate;
import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpDecoderConfig;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerCodec;
import io.grpc.netty.shaded.io.netty.handler.timeout.ReadTimeoutHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers proxies that ask over HTTP before they let a request through: nginx's {@code
 * auth_request}, Traefik's {@code ForwardAuth}, Caddy's {@code forward_auth}.
 *
 * <p>{@value #PATH} is the one path. 200 lets the request through, with the headers for the server;
 * 400, 401, 403 and 503 refuse it, with a JSON body. Connections are kept for further requests.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails on a connection closes it.
public final class ForwardEndpoint implements AutoCloseable {
  /** Where proxies ask. */
  static final String PATH = "/authz/forward";

  /** The most connections; more are closed. */
  static final int CONNECTIONS_MAX = 1_024;

  /** How long a connection may say nothing: longer than nginx keeps one. */
  private static final int SILENCE_SECONDS_MAX = 90;

  private static final int LINE_BYTES_MAX = 1_024;

  /** Room for the longest target, a token and what browsers send besides. */
  private static final int HEADER_BYTES_MAX = 65_536;

  private static final int LOOPS = 2;
  private static final int BACKLOG = 256;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          LOOPS, new DefaultThreadFactory("modelgate-forward", true), NioIoHandler.newFactory());
  private final Telemetry telemetry;
  private final AtomicInteger connections = new AtomicInteger();
  private final Channel channel;

  /**
   * Listens.
   *
   * @param callers says what a proxy may ask
   * @param telemetry told of connections that are too many
   * @throws IOException naming the address when it cannot listen there
   */
  public ForwardEndpoint(
      ForwardSettings settings, Gate gate, ForwardCallers callers, Telemetry telemetry)
      throws IOException {
    this.telemetry = telemetry;
    boolean isPort = settings.address() instanceof InetSocketAddress;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(
                isPort ? NioServerSocketChannel::new : NioServerDomainSocketChannel::new)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    accept(connection, settings, new ForwardAnswers(settings, gate, callers));
                  }
                })
            .bind(settings.address())
            .awaitUninterruptibly();
    this.channel = bound.channel();
    if (!bound.isSuccess()) {
      close();
      throw new IOException(
          "forward-listen "
              + settings.address()
              + ": cannot listen there, is it in use? ("
              + bound.cause().getMessage()
              + ")",
          bound.cause());
    }
  }

  /** Where it listens. */
  public SocketAddress address() {
    return channel.localAddress();
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  private void accept(Channel connection, ForwardSettings settings, ForwardAnswers answers) {
    connection.closeFuture().addListener(closed -> connections.decrementAndGet());
    if (connections.incrementAndGet() > CONNECTIONS_MAX) {
      telemetry.limited("forward-connections");
      connection.close();
      return;
    }
    settings
        .tls()
        .ifPresent(
            context -> connection.pipeline().addLast(context.newHandler(connection.alloc())));
    connection
        .pipeline()
        .addLast(new ReadTimeoutHandler(SILENCE_SECONDS_MAX))
        .addLast(
            new HttpServerCodec(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(LINE_BYTES_MAX)
                    .setMaxHeaderSize(HEADER_BYTES_MAX)))
        .addLast(answers);
  }
}
