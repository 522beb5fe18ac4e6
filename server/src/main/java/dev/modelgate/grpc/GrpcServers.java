package dev.modelgate.grpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening servers: the data plane over TCP and a unix socket on the event loop with a direct
 * executor, the admin plane over TCP. Both have health, and reflection v1 and v1alpha. Health says
 * NOT_SERVING until {@link #setServing}.
 */
public final class GrpcServers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GrpcServers.class);

  private final ServerSettings settings;
  private final Authentication auth;
  private final HealthStatusManager health = new HealthStatusManager();
  private final List<Server> servers = new ArrayList<>();
  private final Server data;
  private final Server admin;
  private @Nullable EventLoopGroup socketLoops;

  private GrpcServers(
      ServerSettings settings,
      BindableService dataService,
      List<BindableService> adminServices,
      Authentication auth) {
    this.settings = settings;
    this.auth = auth;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
    try {
      this.data =
          start(
              tcp(settings.dataHost(), settings.dataPort(), settings.dataTls())
                  .addService(dataPlane(dataService, auth)),
              "port",
              settings.dataPort());
      settings.socket().ifPresent(socket -> startSocket(socket, dataPlane(dataService, auth)));
      NettyServerBuilder adminPlane =
          tcp(settings.adminHost(), settings.adminPort(), settings.adminTls());
      for (BindableService service : adminServices) {
        adminPlane.addService(
            ServerInterceptors.intercept(
                Decoding.of(service.bindService()), auth.forAdministration()));
      }
      this.admin = start(adminPlane, "admin port", settings.adminPort());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts to listen.
   *
   * @param auth authenticates the calls of both planes
   * @throws UnopenablePortException when a port or the socket cannot be had; nothing listens then
   */
  public static GrpcServers start(
      ServerSettings settings,
      BindableService dataService,
      List<BindableService> adminServices,
      Authentication auth) {
    return new GrpcServers(settings, dataService, adminServices, auth);
  }

  /** The data plane's port. */
  public int dataPort() {
    return data.getPort();
  }

  /** The admin plane's port. */
  public int adminPort() {
    return admin.getPort();
  }

  /** The socket, when there is one. */
  public Optional<Path> socket() {
    return settings.socket().map(SocketSettings::path);
  }

  /** Tells health checks whether to send calls here. */
  public void setServing(boolean serving) {
    ServingStatus status = serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    health.setStatus("modelgate.v1.AuthorizationService", status);
    health.setStatus("modelgate.v1.AdminService", status);
    health.setStatus("google.iam.v1.IAMPolicy", status);
  }

  /**
   * Says NOT_SERVING, takes no more calls, lets those in flight end within the drain time, stops.
   */
  @Override
  public void close() {
    health.enterTerminalState();
    servers.forEach(Server::shutdown);
    long until = System.nanoTime() + settings.drainMax().toNanos();
    for (Server server : servers) {
      try {
        if (!server.awaitTermination(
            Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
          server.shutdownNow();
          server.awaitTermination(1, TimeUnit.SECONDS);
        }
      } catch (InterruptedException e) {
        server.shutdownNow();
        Thread.currentThread().interrupt();
      }
    }
    EventLoopGroup loops = socketLoops;
    if (loops != null) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
  }

  private static ServerServiceDefinition dataPlane(BindableService service, Authentication auth) {
    return CredentialedMethods.of(
        Decoding.of(service.bindService()),
        auth.forChecks(),
        auth.forAdministration(),
        AuthorizationGrpcService.CREDENTIALED);
  }

  private NettyServerBuilder tcp(String host, int port, ServerCredentials tls) {
    return bounded(NettyServerBuilder.forAddress(new InetSocketAddress(host, port), tls))
        .handshakeTimeout(ServerSettings.HANDSHAKE_SECONDS_MAX, TimeUnit.SECONDS);
  }

  @SuppressWarnings("deprecation") // v1alpha is what older grpcurl versions ask for.
  private NettyServerBuilder bounded(NettyServerBuilder builder) {
    return builder
        .directExecutor()
        .addTransportFilter(auth.connections())
        .maxInboundMessageSize(ServerSettings.FRAME_BYTES_MAX)
        .maxInboundMetadataSize(ServerSettings.METADATA_BYTES_MAX)
        .maxConcurrentCallsPerConnection(ServerSettings.CALLS_PER_CONNECTION_MAX)
        .permitKeepAliveTime(10, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .decompressorRegistry(Compression.REQUESTS)
        .fallbackHandlerRegistry(new UnknownMethods(new ErrorMapper()))
        .addService(Decoding.of(health.getHealthService().bindService()))
        .addService(Decoding.of(ProtoReflectionServiceV1.newInstance().bindService()))
        .addService(
            Decoding.of(
                io.grpc.protobuf.services.ProtoReflectionService.newInstance().bindService()));
  }

  private void startSocket(SocketSettings socket, ServerServiceDefinition service) {
    Path path = socket.path();
    if (!Epoll.isAvailable()) {
      throw new UnopenablePortException(
          "socket " + path + ": unix sockets need Linux; use --socket none");
    }
    SocketFile.prepare(path);
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("modelgate-socket", true), EpollIoHandler.newFactory());
    socketLoops = loops;
    start(
        bounded(
                NettyServerBuilder.forAddress(new DomainSocketAddress(path.toFile()))
                    .channelType(EpollServerDomainSocketChannel.class)
                    .bossEventLoopGroup(loops)
                    .workerEventLoopGroup(loops))
            .addService(service),
        "socket " + path,
        0);
    SocketFile.restrict(socket);
  }

  private Server start(NettyServerBuilder builder, String what, int port) {
    try {
      Server server = builder.build().start();
      servers.add(server);
      return server;
    } catch (IOException e) {
      log.debug("cannot listen", e);
      String name = port == 0 ? what : what + " " + port;
      throw new UnopenablePortException(
          name + ": cannot listen there, is it in use? (" + shortCause(e) + ")");
    }
  }

  private static String shortCause(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
