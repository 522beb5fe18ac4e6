package dev.modelgate.main;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.commit.OrganizationCommitter;
import dev.modelgate.app.commit.OrganizationCreation;
import dev.modelgate.app.commit.Sweeper;
import dev.modelgate.app.query.AdminQueries;
import dev.modelgate.app.query.ChangeFeed;
import dev.modelgate.app.query.Exports;
import dev.modelgate.app.state.LiveState;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.config.DataDirectory;
import dev.modelgate.config.SettingException;
import dev.modelgate.grpc.AdminAuthInterceptor;
import dev.modelgate.grpc.AdminGrpcService;
import dev.modelgate.grpc.AuthorizationGrpcService;
import dev.modelgate.grpc.ErrorMapper;
import dev.modelgate.grpc.GrpcServers;
import dev.modelgate.grpc.ServerSettings;
import dev.modelgate.http.HttpEndpoint;
import dev.modelgate.metrics.PrometheusTelemetry;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.AppendLimits;
import dev.modelgate.store.BatchSink;
import dev.modelgate.store.EmbeddedChangeLog;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Position;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running sidecar: everything wired by constructor, in the order of start; stopped in the reverse
 * order.
 *
 * <p>Start: open and verify the store, publish, listen, then say SERVING.
 */
final class Sidecar implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Sidecar.class);
  private static final int ADMIN_THREADS = 24;
  private static final int ADMIN_QUEUE_MAX = 1_024;
  private static final int LISTING_THREADS = 2;
  private static final int LISTING_QUEUE_MAX = 256;
  private static final int WATCHES_MAX = 1_000;
  private static final long SWEEP_PAUSE_SECONDS = 10;
  private static final Duration CLOCK_BEHIND_MAX = Duration.ofMinutes(5);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final GrpcServers servers;
  private final HttpEndpoint http;
  private final DataDirectory directory;
  private final OrganizationCommitter committer;
  private final OrganizationCreation creation;
  private volatile boolean ready;

  /**
   * Starts a sidecar.
   *
   * @throws SettingException and the unopenable exceptions of the packages below: one line for an
   *     operator
   */
  Sidecar(ServeOptions options) throws IOException {
    options.requireValid();
    if (options.insecureListen) {
      log.warn("--insecure-listen: both planes may be reached from other machines, without TLS");
    }
    if (!options.defaultParent.isEmpty()) {
      ResourceName.parse(options.defaultParent);
    }
    try {
      this.directory = DataDirectory.open(options.data);
      RocksReplica replica =
          keep(
              RocksReplica.open(
                  RocksOptions.of(directory.store())
                      .withBlockCacheBytes(options.blockCacheBytes)
                      .withAcceptLostTail(options.acceptLostTail)));
      PrometheusTelemetry telemetry = new PrometheusTelemetry();
      Stamps stamps = new Stamps();
      LiveState state = keep(new LiveState(replica, stamps));
      MonotoneClock clock = clock(state);
      List<Runnable> onFence = new CopyOnWriteArrayList<>(List.of(telemetry::commitFailed));
      EmbeddedChangeLog changeLog =
          keep(
              new EmbeddedChangeLog(
                  replica.identity(),
                  position(replica),
                  timed(state, telemetry),
                  state::recover,
                  () -> onFence.forEach(Runnable::run),
                  AppendLimits.DEFAULT));
      this.committer = new OrganizationCommitter(state, replica, changeLog, clock);
      onFence.add(committer::onFenced);
      keep(new Sweeper(state, committer)).start(SWEEP_PAUSE_SECONDS);
      CachingAuthorizer authorizer =
          keep(
              new CachingAuthorizer(
                  state,
                  stamps,
                  clock,
                  new CheckOptions(
                      options.defaultParent,
                      options.cacheBytes,
                      options.missThreads,
                      options.missQueue,
                      options.recheckEvery),
                  ConditionLanguage.NONE,
                  telemetry));
      telemetry.gauge("modelgate.cache.entries", "Cached answers", authorizer::cachedEntries);
      telemetry.gauge("modelgate.cache.bytes", "Bytes of cached answers", authorizer::cachedBytes);
      telemetry.gauge(
          "modelgate.misses.waiting", "Checks that wait for the store", authorizer::waitingMisses);
      ThreadPoolExecutor executor = executor("modelgate-admin", ADMIN_THREADS, ADMIN_QUEUE_MAX);
      keep(executor::shutdownNow);
      // A pool of their own, so that no caller of the data plane can hold up a revocation.
      ThreadPoolExecutor listings =
          executor("modelgate-listing", LISTING_THREADS, LISTING_QUEUE_MAX);
      keep(listings::shutdownNow);
      ErrorMapper errors = new ErrorMapper();
      this.creation = new OrganizationCreation(state, committer, executor);
      AdminGrpcService admin =
          new AdminGrpcService(
              committer,
              creation,
              AdminQueries.over(state, replica, clock),
              new ChangeFeed(state, replica, clock, WATCHES_MAX),
              new Exports(state, clock),
              executor,
              errors);
      this.http =
          keep(
              new HttpEndpoint(
                  options.httpListen, options.httpPort, telemetry::scrape, () -> ready));
      this.servers =
          keep(
              GrpcServers.start(
                  new ServerSettings(
                      options.listen,
                      options.port,
                      options.socketOr(directory.socket()),
                      options.adminListen,
                      options.adminPort,
                      Duration.ofSeconds(options.drainSeconds)),
                  new AuthorizationGrpcService(authorizer, listings, errors),
                  admin,
                  new AdminAuthInterceptor(directory.tokenDigest(), errors)));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
    ready = true;
    servers.setServing(true);
  }

  OrganizationCommitter committer() {
    return committer;
  }

  OrganizationCreation creation() {
    return creation;
  }

  GrpcServers servers() {
    return servers;
  }

  int httpPort() {
    return http.port();
  }

  DataDirectory directory() {
    return directory;
  }

  /** Stops taking calls, drains, and closes everything in the reverse order of start. */
  @Override
  public void close() {
    ready = false;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        log.error("a part of the sidecar did not stop cleanly", e);
      }
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.push(part);
    return part;
  }

  private static BatchSink timed(LiveState state, PrometheusTelemetry telemetry) {
    return batch -> {
      long start = System.nanoTime();
      state.accept(batch);
      telemetry.committed(batch.size(), System.nanoTime() - start);
    };
  }

  private static Position position(RocksReplica replica) {
    StoreSnapshot snapshot = replica.snapshot();
    try {
      return snapshot.position();
    } finally {
      snapshot.release();
    }
  }

  /**
   * The clock, not behind anything that was committed; a wall clock that is behind is alarming
   * (hazard 6).
   */
  private static MonotoneClock clock(LiveState state) {
    MonotoneClock clock = new MonotoneClock(Clock.systemUTC());
    long newest = Micros.of(state.current().system().head().at());
    for (OrgState org : state.current().organizations()) {
      newest = Math.max(newest, Micros.of(org.head().at()));
    }
    long behindMicros = newest - Micros.of(Clock.systemUTC().instant());
    if (behindMicros > CLOCK_BEHIND_MAX.toMillis() * 1_000) {
      throw new SettingException(
          "the clock of this machine is "
              + behindMicros / 1_000_000
              + " s behind the last committed change; set it");
    }
    if (behindMicros > 0) {
      log.warn("the clock of this machine is {} us behind the last committed change", behindMicros);
    }
    clock.notBefore(newest);
    return clock;
  }

  private static ThreadPoolExecutor executor(String name, int threads, int queueMax) {
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
    return executor;
  }
}
