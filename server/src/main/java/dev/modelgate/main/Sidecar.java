package dev.modelgate.main;

import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.commit.AlarmingCommitter;
import dev.modelgate.app.commit.OrganizationCommitter;
import dev.modelgate.app.commit.OrganizationCreation;
import dev.modelgate.app.query.AdminQueries;
import dev.modelgate.app.query.ChangeFeed;
import dev.modelgate.app.query.Exports;
import dev.modelgate.app.query.Lookups;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.config.AdminTokenFile;
import dev.modelgate.config.DataDirectory;
import dev.modelgate.config.SettingException;
import dev.modelgate.grpc.AccessStreams;
import dev.modelgate.grpc.AdminGrpcService;
import dev.modelgate.grpc.Authentication;
import dev.modelgate.grpc.AuthorizationGrpcService;
import dev.modelgate.grpc.Bounds;
import dev.modelgate.grpc.ErrorMapper;
import dev.modelgate.grpc.GrpcServers;
import dev.modelgate.grpc.IamPolicyGrpcService;
import dev.modelgate.grpc.ServerSettings;
import dev.modelgate.http.ForwardEndpoint;
import dev.modelgate.http.HttpEndpoint;
import dev.modelgate.identity.Identity;
import dev.modelgate.identity.IdentitySettings;
import dev.modelgate.metrics.PrometheusTelemetry;
import dev.modelgate.model.Uid;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.trail.FileTrail;
import dev.modelgate.trail.TrailReader;
import io.grpc.BindableService;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running sidecar: everything wired by constructor, in the order of start; stopped in the reverse
 * order.
 *
 * <p>Start: answer probes, open and verify the store, publish, listen, then say SERVING. Stop: say
 * NOT_SERVING, drain the calls, end the writers, close the store, and answer probes to the end. A
 * start that fails half way stops what it had started and leaves nothing behind.
 */
final class Sidecar implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Sidecar.class);
  private static final int ADMIN_THREADS = 24;
  private static final int ADMIN_QUEUE_MAX = 1_024;
  private static final int LISTING_THREADS = 2;
  private static final int LISTING_QUEUE_MAX = 256;
  private static final int PROXY_THREADS = 2;
  private static final int PROXY_QUEUE_MAX = 256;
  private static final int WATCHES_MAX = 1_000;

  private final Parts parts = new Parts();
  private final Readiness readiness = new Readiness();
  private final PrometheusTelemetry telemetry = new PrometheusTelemetry();
  private final ErrorMapper errors = new ErrorMapper(telemetry);
  private final CelConditions conditions = new CelConditions();
  private final DataDirectory directory;
  private final Transport transport;
  private final HttpEndpoint http;
  private final Ledger ledger;
  private final FileTrail trail;
  private final AdminTokenFile token;
  private final OrganizationCreation creation;
  private final Proxies proxies;
  private final GrpcServers servers;

  /**
   * Starts a sidecar.
   *
   * @throws SettingException and the unopenable exceptions of the packages below: one line for an
   *     operator
   */
  Sidecar(ServeOptions options) throws IOException {
    SettingRules.require(options);
    try {
      this.directory = DataDirectory.open(options.data);
      this.transport = Transport.open(options, telemetry, parts);
      this.http =
          parts.keep(
              new HttpEndpoint(
                  options.httpListen,
                  options.httpPort,
                  transport.http(),
                  telemetry::scrape,
                  readiness::isReady,
                  telemetry));
      this.ledger =
          Ledger.open(store(options), Duration.ofDays(options.restoreWindowDays), telemetry, parts);
      this.trail = Auditing.open(options, directory, telemetry, parts);
      transport.reportTo(trail);
      this.token = directory.openToken();
      CachingAuthorizer authorizer = authorizer(options);
      Authorizer checks =
          Decisions.logged(
              authorizer, options.decisionLog, directory, ledger.clock(), telemetry, parts);
      telemetry.watch(ledger.replica()::statistics);
      ThreadPoolExecutor executor = executor("modelgate-admin", ADMIN_THREADS, ADMIN_QUEUE_MAX);
      this.creation =
          new OrganizationCreation(
              ledger.state(), ledger.committer(), ledger.committer()::load, executor);
      Identity identity = identity(options);
      this.proxies =
          Proxies.open(
              options,
              checks,
              new Surroundings(identity, ledger.clock(), telemetry, this::record),
              transport,
              () -> executor("modelgate-proxies", PROXY_THREADS, PROXY_QUEUE_MAX),
              parts);
      this.servers = servers(options, authorizer, checks, identity, executor);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
    readiness.begin(() -> ledger.replica().recentSince(Uid.SYSTEM));
    servers.setServing(true);
    log.info("serving {} organizations", organizations(org -> true));
    trail.announce();
  }

  OrganizationCommitter committer() {
    return ledger.committer();
  }

  OrganizationCreation creation() {
    return creation;
  }

  GrpcServers servers() {
    return servers;
  }

  /** Where proxies ask over HTTP. */
  Optional<SocketAddress> forwardAddress() {
    return proxies.forward().map(ForwardEndpoint::address);
  }

  /** Whether checks should be sent here. */
  boolean isReady() {
    return readiness.isReady();
  }

  int httpPort() {
    return http.port();
  }

  DataDirectory directory() {
    return directory;
  }

  /** Has the trail say at which revision of its organization something was tried. */
  private void record(TrailEvent event) {
    boolean known = event.organization().isEmpty() || !event.revision().isEmpty();
    trail.record(
        known
            ? event
            : event.withRevision(
                ledger
                    .state()
                    .current()
                    .organization(event.organization())
                    .map(OrgState::token)
                    .orElse("")));
  }

  FileTrail trail() {
    return trail;
  }

  AdminTokenFile token() {
    return token;
  }

  /** Stops taking calls, drains, and closes everything in the reverse order of start. */
  @Override
  public void close() {
    log.info("stopping: no new calls, those under way are answered");
    readiness.end();
    parts.close();
    log.info("stopped");
  }

  /** Whether no part failed to close. */
  boolean closedCleanly() {
    return parts.closedCleanly();
  }

  private RocksOptions store(ServeOptions options) {
    return RocksOptions.of(directory.store())
        .withBlockCacheBytes(options.blockCacheBytes)
        .withAcceptLostTail(options.acceptLostTail);
  }

  private CachingAuthorizer authorizer(ServeOptions options) {
    CachingAuthorizer authorizer =
        parts.keep(
            new CachingAuthorizer(
                ledger.state(),
                ledger.stamps(),
                ledger.clock(),
                new CheckOptions(
                    options.defaultParent,
                    options.cacheBytes,
                    options.missThreads,
                    options.missQueue,
                    options.recheckEvery),
                conditions,
                telemetry));
    telemetry.gauge("modelgate.cache.entries", "Cached answers", authorizer::cachedEntries);
    telemetry.gauge("modelgate.cache.bytes", "Bytes of cached answers", authorizer::cachedBytes);
    telemetry.gauge(
        "modelgate.misses.waiting", "Checks that wait for the store", authorizer::waitingMisses);
    telemetry.gauge(
        "modelgate.store.writable",
        "1 while changes are taken, 0 after a failed commit until the store is open again",
        () -> ledger.changeLog().isFenced() ? 0 : 1);
    telemetry.gauge("modelgate.organizations", "Organizations", () -> organizations(org -> true));
    telemetry.gauge(
        "modelgate.organizations.restricted",
        "Organizations whose data cannot be read safely, so that all is denied",
        () -> organizations(OrgState::isRestricted));
    return authorizer;
  }

  private int organizations(Predicate<OrgState> which) {
    int count = 0;
    for (OrgState org : ledger.state().current().organizations()) {
      count += org.isInitialized() && which.test(org) ? 1 : 0;
    }
    return count;
  }

  private GrpcServers servers(
      ServeOptions options,
      CachingAuthorizer authorizer,
      Authorizer checks,
      Identity identity,
      ThreadPoolExecutor executor) {
    // A pool of their own, so that no caller of the data plane can hold up a revocation.
    ThreadPoolExecutor listings = executor("modelgate-listing", LISTING_THREADS, LISTING_QUEUE_MAX);
    AdminQueries queries =
        AdminQueries.over(
            ledger.state(), ledger.replica(), new TrailReader(trail), ledger.clock(), conditions);
    AdminGrpcService admin =
        new AdminGrpcService(
            new AlarmingCommitter(ledger.committer(), telemetry),
            creation,
            queries,
            new ChangeFeed(ledger.state(), ledger.replica(), ledger.clock(), WATCHES_MAX),
            new Exports(ledger.state(), ledger.clock()),
            conditions,
            token,
            this::record,
            executor,
            errors);
    IamPolicyGrpcService iam =
        new IamPolicyGrpcService(
            ledger.committer(), queries, conditions, options.iamOrganization, executor, errors);
    AccessStreams streams = Watching.open(ledger, authorizer, checks, options, telemetry, parts);
    List<BindableService> data = new ArrayList<>();
    data.add(
        new AuthorizationGrpcService(
            checks,
            new Lookups(ledger.state(), ledger.clock(), conditions),
            options.defaultParent,
            Optional.of(streams),
            listings,
            this::record,
            errors));
    data.addAll(proxies.services());
    GrpcServers started =
        GrpcServers.start(
            new ServerSettings(
                options.listen,
                options.port,
                transport.data(),
                options.socketOr(directory.socket()),
                options.adminListen,
                options.adminPort,
                transport.admin(),
                Duration.ofSeconds(options.drainSeconds)),
            data,
            List.of(admin, iam),
            authentication(options, identity),
            new Bounds(
                options.connections,
                options.connectionsPerPeer,
                options.callsPerCaller,
                telemetry));
    parts.keep(started);
    // They end before the servers do, which would wait for them.
    parts.keep(streams);
    return started;
  }

  private Identity identity(ServeOptions options) {
    IdentitySettings settings = options.identity.settings();
    if (token.isDisabled() && settings.callers().systemAdministrators() == 0) {
      log.warn(
          "the admin token is switched off, and no caller is a system administrator: delete {} and"
              + " start again for another",
          token.path());
    }
    Identity identity = parts.keep(new Identity(token, settings, ledger.clock(), telemetry));
    identity
        .keyAges()
        .forEach(
            (issuer, age) ->
                telemetry.gauge(
                    "modelgate.keys.age.seconds",
                    "Age of the keys of an issuer of tokens, -1 without keys",
                    "issuer",
                    issuer,
                    age::getAsDouble));
    return identity;
  }

  private Authentication authentication(ServeOptions options, Identity identity) {
    boolean anywhere = options.identity.unidentified() == Authentication.Unidentified.ANYWHERE;
    telemetry.gauge(
        "modelgate.unauthenticated.anywhere",
        "1 while anybody who reaches the data plane is answered without a credential",
        () -> anywhere ? 1 : 0);
    if (anywhere) {
      log.warn(
          "unauthenticated: anybody who reaches the data plane is answered, without a credential");
    }
    return new Authentication(
        identity,
        options.identity.settings().callers(),
        options.identity.unidentified(),
        ledger.clock(),
        this::record,
        telemetry,
        errors);
  }

  private ThreadPoolExecutor executor(String name, int threads, int queueMax) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queueMax),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    parts.keep(executor::shutdownNow);
    return executor;
  }
}
