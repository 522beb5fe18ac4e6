package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.check.WatchOptions;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.WatchAccessRequest;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hazard 39, where answers wait to be read, and where time is not watched any more. */
final class AccessStreamsTest {
  private final AdminPlane plane = new AdminPlane().withAcme();
  private final CachingAuthorizer authorizer =
      new CachingAuthorizer(
          plane.live,
          plane.stamps,
          plane.clock,
          new CheckOptions(AdminPlane.PROD, 1 << 20, 2, 1_024, 0),
          new CelConditions(),
          Telemetry.NONE);
  private volatile boolean clockFails;
  private final AccessWatches watches =
      new AccessWatches(
          plane.live,
          plane.stamps,
          plane.clock,
          authorizer,
          authorizer,
          new WatchOptions(2, 100, this::nanos),
          Telemetry.NONE);
  // Nobody is too slow, for time stands still.
  private final AccessStreams streams = new AccessStreams(watches, 64, () -> 0);
  private final Server server;
  private final ManagedChannel channel;
  private final Reader reader = new Reader();

  AccessStreamsTest() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .addService(
                new AuthorizationGrpcService(
                    authorizer,
                    plane.lookups(),
                    AdminPlane.PROD,
                    Optional.of(streams),
                    Runnable::run,
                    plane.trail::add,
                    new ErrorMapper()))
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).build();
    plane.share(AdminPlane.FRAUD, AdminPlane.BEN, "user");
    var unused = AuthorizationServiceGrpc.newStub(channel).watchAccess(reader);
    reader.requests().request(1);
    reader
        .requests()
        .onNext(
            WatchAccessRequest.newBuilder()
                .setId(1)
                .setCheck(
                    CheckRequest.newBuilder()
                        .setPrincipal(AdminPlane.BEN)
                        .setModel(AdminPlane.FRAUD)
                        .setAction("predict"))
                .build());
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    streams.close();
    server.shutdownNow();
    watches.close();
    authorizer.close();
    plane.close();
  }

  /** Who reads late sees that he might not for a while. */
  @Test
  void denial_thatWaitsBeforeAnAllow_isWrittenToo() throws Exception {
    assertEquals("DECISION_ALLOW", reader.next());
    var unused =
        plane
            .admin()
            .updateGrants(
                UpdateGrantsRequest.newBuilder()
                    .setResource(AdminPlane.FRAUD)
                    .addChanges(
                        GrantChange.newBuilder()
                            .setMode(GrantChange.Mode.MODE_REMOVE)
                            .setPrincipal(AdminPlane.BEN))
                    .build());
    quiet();
    plane.share(AdminPlane.FRAUD, AdminPlane.BEN, "user");
    quiet();
    reader.requests().request(10);
    assertEquals("DECISION_DENY", reader.next());
    assertEquals("DECISION_ALLOW", reader.next());
  }

  /** An end that nobody looks for any more would never be told. */
  @Test
  void stream_whenTimeCannotBeLookedAt_ends() throws Exception {
    assertEquals("DECISION_ALLOW", reader.next());
    clockFails = true;
    assertEquals(Status.Code.INTERNAL.name(), reader.next());
    clockFails = false;
  }

  private long nanos() {
    if (clockFails) {
      throw new IllegalStateException("a clock that fails");
    }
    return 0;
  }

  private void quiet() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (watches.waiting() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(100_000);
    }
    assertEquals(0, watches.waiting());
  }

  /** Reads what it is told to, and says it in words. */
  private static final class Reader
      implements ClientResponseObserver<WatchAccessRequest, WatchAccessResponse> {
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private @Nullable ClientCallStreamObserver<WatchAccessRequest> requests;

    ClientCallStreamObserver<WatchAccessRequest> requests() {
      return Objects.requireNonNull(requests);
    }

    String next() throws InterruptedException {
      return Objects.requireNonNull(said.poll(20, TimeUnit.SECONDS), "nothing is said");
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchAccessRequest> stream) {
      requests = stream;
      stream.disableAutoRequestWithInitial(0);
    }

    @Override
    public void onNext(WatchAccessResponse response) {
      said.add(response.getResponse().getDecision().name());
    }

    @Override
    public void onError(Throwable failure) {
      said.add(Status.fromThrowable(failure).getCode().name());
    }

    @Override
    public void onCompleted() {
      said.add("completed");
    }
  }
}
