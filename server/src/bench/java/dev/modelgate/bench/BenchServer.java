package dev.modelgate.bench;

import dev.modelgate.app.AdminToken;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.OrganizationCommitter;
import dev.modelgate.app.query.Lookups;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.LiveState;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.grpc.Authentication;
import dev.modelgate.grpc.AuthorizationGrpcService;
import dev.modelgate.grpc.Bounds;
import dev.modelgate.grpc.ErrorMapper;
import dev.modelgate.grpc.GrpcServers;
import dev.modelgate.grpc.ServerSettings;
import dev.modelgate.grpc.SocketSettings;
import dev.modelgate.identity.Identity;
import dev.modelgate.identity.IdentitySettings;
import dev.modelgate.metrics.PrometheusTelemetry;
import dev.modelgate.store.AppendLimits;
import dev.modelgate.store.EmbeddedChangeLog;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/**
 * The sidecar's data plane as it is wired in production, on a unix socket and on a port of the
 * loopback address, with an echo beside each.
 */
public final class BenchServer implements AutoCloseable {
  /** About 10,000 entries for 20 million pairs: hardly a hit. */
  private static final long COLD_CACHE_BYTES = 4 << 20;

  /** More than 150,000 entries. */
  private static final long WIDE_CACHE_BYTES = 192 << 20;

  private final List<AutoCloseable> parts = new ArrayList<>();
  private final Map<String, Plane> planes = new LinkedHashMap<>();
  private final Stamps stamps = new Stamps();
  private final LiveState state;
  private final MonotoneClock clock = new MonotoneClock(Clock.systemUTC());
  private final OrganizationCommitter committer;
  private final Path directory;
  private final Path socket;
  private final GrpcServers servers;
  private final EchoServer portEcho;

  /** With the cache and in plain text, as it comes. */
  BenchServer(Path directory, Scene scene) {
    this(directory, scene, CheckOptions.DEFAULT, InsecureServerCredentials.create());
  }

  /**
   * Fills the store of the directory from the scene, if it is empty, and serves it.
   *
   * @param credentials of the port; the socket has none
   */
  BenchServer(Path directory, Scene scene, CheckOptions options, ServerCredentials credentials) {
    this.directory = directory;
    RocksReplica replica = keep(RocksReplica.open(RocksOptions.of(directory.resolve("store"))));
    this.state = keep(new LiveState(replica, stamps));
    OrganizationCommitter[] fenced = new OrganizationCommitter[1];
    EmbeddedChangeLog log =
        keep(
            new EmbeddedChangeLog(
                replica.identity(),
                replica.position(),
                state,
                state::recover,
                () -> fenced[0].onFenced(),
                AppendLimits.DEFAULT));
    this.committer = new OrganizationCommitter(state, replica, log, clock);
    fenced[0] = committer;
    if (!state.current().organizations().iterator().hasNext()) {
      Filling.fill(committer, scene);
    }
    planes.put(CallKinds.CHECK, plane(options));
    planes.put(CallKinds.COLD, plane(cache(COLD_CACHE_BYTES)));
    planes.put(CallKinds.WIDE, plane(cache(WIDE_CACHE_BYTES)));
    planes.put(CallKinds.UNCACHED, plane(cache(0)));
    this.socket = directory.resolve("bench.sock");
    this.servers = serve(socket, credentials, authorizer());
    keep(EchoServer.on(echoOf(socket)));
    this.portEcho = keep(EchoServer.on(credentials));
  }

  private GrpcServers serve(Path at, ServerCredentials credentials, Authorizer checks) {
    ExecutorService listings = Executors.newSingleThreadExecutor();
    keep(listings::shutdownNow);
    Lookups lookups = new Lookups(state, clock, new CelConditions());
    ErrorMapper errors = new ErrorMapper();
    Map<String, BindableService> services = new LinkedHashMap<>();
    planes.forEach(
        (name, plane) ->
            services.put(
                CallKinds.methodOf(name),
                new AuthorizationGrpcService(plane.authorizer(), lookups, listings, errors)));
    services.remove(CallKinds.methodOf(CallKinds.CHECK));
    PlaneService service =
        new PlaneService(new AuthorizationGrpcService(checks, lookups, listings, errors), services);
    Authentication authentication =
        new Authentication(
            new Identity(AdminToken.NONE, IdentitySettings.NONE, clock, Telemetry.NONE),
            Authentication.Unidentified.LOCAL,
            clock,
            AuditTrail.NONE,
            Telemetry.NONE,
            errors);
    return keep(
        GrpcServers.start(
            new ServerSettings(
                "127.0.0.1",
                0,
                credentials,
                Optional.of(new SocketSettings(at, "rw-rw----", Optional.empty())),
                "127.0.0.1",
                0,
                InsecureServerCredentials.create(),
                Duration.ofSeconds(1)),
            List.of(service),
            List.of(),
            authentication,
            Bounds.DEFAULT));
  }

  private static CheckOptions cache(long bytes) {
    CheckOptions options = CheckOptions.DEFAULT;
    return new CheckOptions(
        "", bytes, options.missThreads(), options.missQueueMax(), options.recheckEvery());
  }

  private Plane plane(CheckOptions options) {
    PrometheusTelemetry telemetry = new PrometheusTelemetry();
    return new Plane(
        keep(new CachingAuthorizer(state, stamps, clock, options, new CelConditions(), telemetry)),
        telemetry);
  }

  /** One cache over the state, and what it counts. */
  private record Plane(CachingAuthorizer authorizer, PrometheusTelemetry telemetry) {}

  /** This server on its socket. */
  public Subject subject(String calls, String questions) {
    return subject("unix:" + socket, "unix:" + echoOf(socket), calls, questions);
  }

  /** Its checks over TCP, asked the hot questions. */
  Subject overTcp() {
    return overPort("tcp:127.0.0.1:%d");
  }

  /** The same over TLS, which the credentials have to be for. */
  Subject overTls(Path authority) {
    return overPort("tls:localhost:%d:" + authority);
  }

  private Subject overPort(String target) {
    return subject(
        target.formatted(servers.dataPort()),
        target.formatted(portEcho.port()),
        CallKinds.CHECK,
        Questions.HOT);
  }

  private static Subject subject(String target, String echo, String calls, String questions) {
    return new Subject(target, echo, calls, questions, ServerCpu::nanos, List.of());
  }

  private static Path echoOf(Path socket) {
    return socket.resolveSibling(socket.getFileName() + ".echo");
  }

  /** The same checks, with something around them, on another socket; asked the hot questions. */
  Subject beside(UnaryOperator<Authorizer> around) {
    Path at = directory.resolve("beside-" + parts.size() + ".sock");
    serve(at, InsecureServerCredentials.create(), around.apply(authorizer()));
    return subject("unix:" + at, "", CallKinds.CHECK, Questions.HOT);
  }

  /** Where it listens. */
  GrpcServers servers() {
    return servers;
  }

  /** What its readers see. */
  LiveState state() {
    return state;
  }

  /** What answers its checks. */
  CachingAuthorizer authorizer() {
    return Objects.requireNonNull(planes.get(CallKinds.CHECK)).authorizer();
  }

  /** Where its store lies; open until it is closed. */
  Path directory() {
    return directory;
  }

  /** The path of its socket. */
  Path socket() {
    return socket;
  }

  /** The port of the loopback address. */
  int port() {
    return servers.dataPort();
  }

  /** Changes an organization; completes when the change is durable and seen. */
  public CompletionStage<?> commit(String organization, Command command) {
    return committer.commit(organization, Order.of(Requester.SYSTEM_ADMINISTRATOR), command);
  }

  /** The hits and misses so far, as the metrics show them, of the cache behind these calls. */
  Hits hits(String calls) {
    String metrics = Objects.requireNonNull(planes.get(calls)).telemetry().scrape();
    return new Hits(
        count(metrics, "modelgate_check_seconds_count{hit=\"true\"}"),
        count(metrics, "modelgate_check_seconds_count{hit=\"false\"}"));
  }

  private static long count(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length())))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no metric " + name));
  }

  /** Answers that came from the cache and that did not. */
  record Hits(long hits, long misses) {
    Hits since(Hits before) {
      return new Hits(hits - before.hits, misses - before.misses);
    }

    double percent() {
      return 100.0 * hits / (hits + misses);
    }
  }

  @Override
  public void close() {
    for (int i = parts.size() - 1; i >= 0; i--) {
      try {
        parts.get(i).close();
      } catch (Exception e) {
        throw new IllegalStateException("the benchmark's server did not stop", e);
      }
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.add(part);
    return part;
  }
}
