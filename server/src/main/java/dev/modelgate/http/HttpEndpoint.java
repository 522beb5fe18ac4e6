package dev.modelgate.http;

import dev.modelgate.app.Telemetry;
import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpDecoderConfig;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerCodec;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Answers {@code GET /metrics} (Prometheus text), {@code /livez} (200 while the process runs) and
 * {@code /readyz} (200 while it serves, else 503); everything else is 404, other methods 405.
 *
 * <p>On gRPC's Netty and not on the server of the JDK, whose threads wait for slow clients: two
 * half-sent requests would hold up every probe. Here one event loop reads, one worker makes the
 * answers that may take time, and a connection carries one request and lives {@value
 * #CONNECTION_SECONDS_MAX} s at most. {@code /livez} needs no worker.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails on a connection closes it.
public final class HttpEndpoint implements AutoCloseable {
  private static final int CONNECTION_SECONDS_MAX = 10;
  static final int CONNECTIONS_MAX = 256;
  private static final int LINE_BYTES_MAX = 1_024;
  private static final int HEADER_BYTES_MAX = 8_192;
  private static final int WAITING_MAX = 64;
  private static final int BACKLOG = 64;

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("modelgate-http", true), NioIoHandler.newFactory());
  private final ThreadPoolExecutor worker =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING_MAX),
          new DefaultThreadFactory("modelgate-http-worker", true));
  private final Telemetry telemetry;
  private final AtomicInteger connections = new AtomicInteger();
  private final Channel channel;

  /**
   * Listens.
   *
   * @param port 0 for a free one
   * @param tls protects the connections; empty for plain text
   * @param metrics what {@code /metrics} answers; called by one thread, may block
   * @param ready what {@code /readyz} answers; called by one thread, may block
   * @param telemetry told of connections that are too many
   * @throws IOException naming host and port when it cannot listen there
   */
  public HttpEndpoint(
      String host,
      int port,
      Optional<SslContext> tls,
      Supplier<String> metrics,
      BooleanSupplier ready,
      Telemetry telemetry)
      throws IOException {
    this(host, port, tls, metrics, ready, telemetry, Duration.ofSeconds(CONNECTION_SECONDS_MAX));
  }

  HttpEndpoint(
      String host,
      int port,
      Optional<SslContext> tls,
      Supplier<String> metrics,
      BooleanSupplier ready,
      Telemetry telemetry,
      Duration connectionMax)
      throws IOException {
    this.telemetry = telemetry;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel connection) {
                    accept(connection, tls, connectionMax, new HttpAnswers(worker, metrics, ready));
                  }
                })
            .bind(new InetSocketAddress(host, port))
            .awaitUninterruptibly();
    this.channel = bound.channel();
    if (!bound.isSuccess()) {
      close();
      throw new IOException(
          "http port "
              + port
              + ": cannot listen there, is it in use? ("
              + bound.cause().getMessage()
              + ")",
          bound.cause());
    }
  }

  /** The port that it listens on. */
  public int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    worker.shutdownNow();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  private void accept(
      SocketChannel connection,
      Optional<SslContext> tls,
      Duration connectionMax,
      HttpAnswers answers) {
    connection.closeFuture().addListener(closed -> connections.decrementAndGet());
    if (connections.incrementAndGet() > CONNECTIONS_MAX) {
      telemetry.limited("http-connections");
      connection.close();
      return;
    }
    ScheduledFuture<?> end =
        connection
            .eventLoop()
            .schedule(() -> connection.close(), connectionMax.toMillis(), TimeUnit.MILLISECONDS);
    connection.closeFuture().addListener(closed -> end.cancel(false));
    tls.ifPresent(context -> connection.pipeline().addLast(context.newHandler(connection.alloc())));
    connection
        .pipeline()
        .addLast(
            new HttpServerCodec(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(LINE_BYTES_MAX)
                    .setMaxHeaderSize(HEADER_BYTES_MAX)))
        .addLast(answers);
  }
}
