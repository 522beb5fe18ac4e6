package dev.modelgate.grpc;

import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.NotAtOnceException;
import io.grpc.InsecureServerCredentials;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Both planes on ports of their own, in a process of its own, in front of {@code acme}: everything
 * of a sidecar on the way of a check but a store on disk, each miss of which takes {@value
 * #MISS_MS} ms. Nothing that is shipped can be slowed so.
 */
final class OverloadedServer {
  /** What a miss takes. */
  static final long MISS_MS = 100;

  /** So many at a time. */
  static final int MISS_THREADS = 2;

  /** Nothing is in memory, so that each miss is one for the pool. */
  static final MemoryReplica.Faults ON_DISK =
      new MemoryReplica.Faults() {
        @Override
        public void beforeReadAtOnce() {
          throw new NotAtOnceException("on disk");
        }
      };

  private OverloadedServer() {}

  /** Serves until its input ends; says the ports of the data and the admin plane first. */
  @SuppressWarnings("SystemOut") // It is what the other process reads.
  public static void main(String[] arguments) throws Exception {
    Telemetry slowing =
        new Telemetry() {
          /** On the thread of the miss, before it is answered. */
          @Override
          public void evaluated(long nanos) {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MISS_MS);
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
              LockSupport.parkNanos(left);
            }
          }
        };
    AdminPlane plane = new AdminPlane(Clock.systemUTC(), ON_DISK).withAcme();
    ErrorMapper errors = new ErrorMapper();
    CachingAuthorizer authorizer =
        new CachingAuthorizer(
            plane.live,
            plane.stamps,
            plane.clock,
            new CheckOptions("", 32L << 20, MISS_THREADS, 1_024, 1_000),
            new CelConditions(),
            slowing);
    GrpcServers servers =
        GrpcServers.start(
            new ServerSettings(
                "127.0.0.1",
                0,
                InsecureServerCredentials.create(),
                Optional.empty(),
                "127.0.0.1",
                0,
                InsecureServerCredentials.create(),
                Duration.ofSeconds(1)),
            List.of(
                new AuthorizationGrpcService(authorizer, plane.lookups(), Runnable::run, errors)),
            List.of(plane.service),
            new Authentication(
                new Tokens(plane),
                CallerRules.NONE,
                Authentication.Unidentified.LOCAL,
                plane.clock,
                plane.trail::add,
                Telemetry.NONE,
                errors),
            Bounds.DEFAULT);
    servers.setServing(true);
    System.out.println("ports " + servers.dataPort() + " " + servers.adminPort());
    while (System.in.read() >= 0) {
      // Whoever started it holds its input open.
    }
    System.exit(0);
  }

  private record Tokens(AdminPlane plane) implements Authenticator {
    @Override
    public CompletableFuture<Caller> bearer(String token) {
      return plane.token.is(token)
          ? CompletableFuture.completedFuture(Caller.bootstrap(plane.token.standing()))
          : CompletableFuture.failedFuture(Unauthenticated.TOKEN.asException());
    }

    @Override
    public Caller certificate(List<X509Certificate> chain) {
      throw Unauthenticated.CERTIFICATE.asException();
    }
  }
}
