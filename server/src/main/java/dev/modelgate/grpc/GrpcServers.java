package dev.modelgate.grpc;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.inprocess.AnonymousInProcessSocketAddress;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
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

  /** Threads of the admin plane's network; what its calls do runs elsewhere. */
  private static final int ADMIN_LOOPS = 2;

  private final ServerSettings settings;
  private final Authentication auth;
  private final Bounds bounds;
  private final ErrorMapper errors;
  private final HealthStatusManager health = new HealthStatusManager();
  private final List<BindableService> dataPlane;
  private final List<String> dataServices;
  private final List<Server> servers = new ArrayList<>();
  private final Server data;
  private final Server admin;
  private final List<Loops> loops = new ArrayList<>();
  private @Nullable AnonymousInProcessSocketAddress ownAddress;

  private GrpcServers(
      ServerSettings settings,
      List<BindableService> dataServices,
      List<BindableService> adminServices,
      Authentication auth,
      Bounds bounds) {
    this.settings = settings;
    this.auth = auth;
    this.bounds = bounds;
    this.errors = new ErrorMapper(bounds.telemetry());
    this.dataPlane = List.copyOf(dataServices);
    this.dataServices =
        dataServices.stream()
            .map(service -> service.bindService().getServiceDescriptor().getName())
            .toList();
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
    try {
      this.data =
          start(
              withDataPlane(
                  tcp(settings.dataHost(), settings.dataPort(), settings.dataTls(), dataLoops()),
                  auth.forChecks()),
              "port",
              settings.dataPort());
      settings.socket().ifPresent(this::startSocket);
      NettyServerBuilder adminPlane =
          tcp(settings.adminHost(), settings.adminPort(), settings.adminTls(), adminLoops())
              .maxConcurrentCallsPerConnection(ServerSettings.ADMIN_CALLS_PER_CONNECTION_MAX);
      CallBounds calls =
          new CallBounds(bounds, ServerSettings.ADMIN_CALLS_PER_CONNECTION_MAX, errors);
      for (BindableService service : adminServices) {
        adminPlane.addService(
            ServerInterceptors.intercept(
                ServerInterceptors.intercept(Decoding.of(service.bindService(), errors), calls),
                auth.forAdministration()));
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
   * @param dataServices need a credential where {@link AuthorizationGrpcService} says so
   * @param auth authenticates the calls of both planes
   * @param bounds hold for each listener by itself
   * @throws UnopenablePortException when a port or the socket cannot be had; nothing listens then
   */
  public static GrpcServers start(
      ServerSettings settings,
      List<BindableService> dataServices,
      List<BindableService> adminServices,
      Authentication auth,
      Bounds bounds) {
    return new GrpcServers(settings, dataServices, adminServices, auth, bounds);
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

  /**
   * A connection of this process to its own data plane, within memory. Nobody else can have one:
   * the address is an object and no name. It may ask without a credential, whatever that is set to
   * for others, and is bounded as every connection is.
   *
   * <p>Questions are taken on the thread that asks, so that what is cached is answered on it.
   *
   * @param callbacks runs what answers bring about, in any number at a time; must not run it on a
   *     thread that is not its own, for a thread that answers may wait for nobody
   */
  public synchronized ManagedChannel connectOwn(Executor callbacks) {
    if (data.isShutdown()) {
      throw new IllegalStateException("the data plane has stopped");
    }
    AnonymousInProcessSocketAddress address = ownAddress;
    if (address == null) {
      address = new AnonymousInProcessSocketAddress();
      start(
          withDataPlane(
              InProcessServerBuilder.forAddress(address)
                  .directExecutor()
                  .addTransportFilter(auth.connections())
                  .addTransportFilter(Connection.filter())
                  .fallbackHandlerRegistry(new UnknownMethods(errors)),
              auth.forOwnChecks()),
          "this process",
          0);
      ownAddress = address;
    }
    return InProcessChannelBuilder.forAddress(address)
        .executor(callbacks)
        .disableRetry()
        .disableServiceConfigLookUp()
        .build();
  }

  /** Tells health checks whether to send calls here. */
  public void setServing(boolean serving) {
    ServingStatus status = serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    dataServices.forEach(name -> health.setStatus(name, status));
    health.setStatus("modelgate.v1.AdminService", status);
    health.setStatus("google.iam.v1.IAMPolicy", status);
  }

  /**
   * Says NOT_SERVING, takes no more calls, lets those in flight end within the drain time, stops.
   */
  @Override
  public synchronized void close() {
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
    loops.forEach(Loops::close);
  }

  /** All of the data plane within the same bounds of one listener. */
  private <B extends ServerBuilder<B>> B withDataPlane(B listener, ServerInterceptor checks) {
    CallBounds calls = new CallBounds(bounds, Bounds.LARGE_CALLS_PER_CONNECTION_MAX, errors);
    for (BindableService service : dataPlane) {
      listener.addService(
          CredentialedMethods.of(
              ServerInterceptors.intercept(Decoding.of(service.bindService(), errors), calls),
              checks,
              auth.forAdministration(),
              service instanceof AuthorizationGrpcService
                  ? AuthorizationGrpcService.CREDENTIALED
                  : Set.of()));
    }
    return listener;
  }

  private Loops dataLoops() {
    // As many as gRPC would take.
    return keep(
        Loops.ofPort("modelgate-data", 2 * Runtime.getRuntime().availableProcessors(), bounds));
  }

  private Loops adminLoops() {
    return keep(Loops.ofPort("modelgate-admin-io", ADMIN_LOOPS, bounds));
  }

  private Loops keep(Loops started) {
    loops.add(started);
    return started;
  }

  private NettyServerBuilder tcp(String host, int port, ServerCredentials tls, Loops loops) {
    return bounded(
        loops.carry(NettyServerBuilder.forAddress(new InetSocketAddress(host, port), tls)));
  }

  @SuppressWarnings("deprecation") // v1alpha is what older grpcurl versions ask for.
  private NettyServerBuilder bounded(NettyServerBuilder builder) {
    return builder
        .directExecutor()
        .addTransportFilter(auth.connections())
        .addTransportFilter(Connection.filter())
        .maxInboundMessageSize(ServerSettings.FRAME_BYTES_MAX)
        .maxInboundMetadataSize(ServerSettings.METADATA_BYTES_MAX)
        .maxConcurrentCallsPerConnection(ServerSettings.CALLS_PER_CONNECTION_MAX)
        .handshakeTimeout(ServerSettings.HANDSHAKE_SECONDS_MAX, TimeUnit.SECONDS)
        .permitKeepAliveTime(Bounds.PING_SECONDS_MIN, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .keepAliveTime(Bounds.SILENCE_SECONDS_MAX, TimeUnit.SECONDS)
        .maxRstFramesPerWindow(Bounds.RESETS_MAX, Bounds.RESETS_WINDOW_SECONDS)
        .addStreamTracerFactory(LargeMessages.counted(bounds.telemetry()))
        .decompressorRegistry(Compression.REQUESTS)
        .fallbackHandlerRegistry(new UnknownMethods(errors))
        .addService(Decoding.of(health.getHealthService().bindService(), errors))
        .addService(Decoding.of(ProtoReflectionServiceV1.newInstance().bindService(), errors))
        .addService(
            Decoding.of(
                io.grpc.protobuf.services.ProtoReflectionService.newInstance().bindService(),
                errors));
  }

  private void startSocket(SocketSettings socket) {
    Path path = socket.path();
    if (!Epoll.isAvailable()) {
      throw new UnopenablePortException(
          "socket " + path + ": unix sockets need Linux; use --socket none");
    }
    SocketFile.prepare(path);
    Loops own = keep(Loops.ofSocket("modelgate-socket", bounds));
    start(
        withDataPlane(
            bounded(
                own.carry(NettyServerBuilder.forAddress(new DomainSocketAddress(path.toFile())))),
            auth.forChecks()),
        "socket " + path,
        0);
    SocketFile.restrict(socket);
  }

  private Server start(ServerBuilder<?> builder, String what, int port) {
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
