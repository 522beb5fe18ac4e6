package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.Actions;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.Question;
import dev.modelgate.identity.Identity;
import dev.modelgate.identity.IdentitySettings;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.ListOrganizationsRequest;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That no plane waits for the other's threads. */
final class PlanesTest {
  private static final int LOOPS = 2 * Runtime.getRuntime().availableProcessors();

  private final AdminPlane plane = new AdminPlane().withAcme();
  private final Semaphore held = new Semaphore(0);
  private final CountDownLatch release = new CountDownLatch(1);
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final GrpcServers servers = servers();

  @AfterEach
  void stop() {
    release.countDown();
    channels.forEach(ManagedChannel::shutdownNow);
    servers.close();
    plane.close();
  }

  @Test
  void checks_thatHoldEveryThreadOfTheirPlane_leaveTheAdminPlaneAnswering() throws Exception {
    List<Future<CheckResponse>> asked = new ArrayList<>();
    CheckRequest question =
        CheckRequest.newBuilder()
            .setPrincipal(AdminPlane.ANA)
            .setModel(AdminPlane.FRAUD)
            .setAction("predict")
            .build();
    // Each connection goes to the next event loop, the last to that which accepts.
    for (int i = 0; i < LOOPS; i++) {
      asked.add(
          AuthorizationServiceGrpc.newFutureStub(channel(servers.dataPort())).check(question));
    }
    assertTrue(held.tryAcquire(LOOPS, 20, TimeUnit.SECONDS), "not every event loop is held");
    Metadata headers = new Metadata();
    headers.put(Authentication.AUTHORIZATION, "Bearer one");
    int organizations =
        AdminServiceGrpc.newBlockingStub(channel(servers.adminPort()))
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .listOrganizations(ListOrganizationsRequest.getDefaultInstance())
            .getOrganizationsCount();
    assertTrue(organizations > 0);
    assertTrue(asked.stream().noneMatch(Future::isDone), "a check was answered meanwhile");
  }

  private ManagedChannel channel(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  private GrpcServers servers() {
    ErrorMapper errors = new ErrorMapper();
    return GrpcServers.start(
        new ServerSettings(
            "127.0.0.1",
            0,
            InsecureServerCredentials.create(),
            Optional.empty(),
            "127.0.0.1",
            0,
            InsecureServerCredentials.create(),
            Duration.ofSeconds(1)),
        List.of(new AuthorizationGrpcService(new Held(), plane.lookups(), Runnable::run, errors)),
        List.of(plane.service),
        new Authentication(
            new Identity(plane.token, IdentitySettings.NONE, plane.clock, Telemetry.NONE),
            Authentication.Unidentified.LOCAL,
            plane.clock,
            plane.trail::add,
            Telemetry.NONE,
            errors),
        new Bounds(1_024, 1_024, 1_024, Telemetry.NONE));
  }

  /** Holds whatever thread asks, which none does that is of this program. */
  private final class Held implements Authorizer {
    @Override
    public void check(Question question, AnswerSink sink) {
      held.release();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public Actions listActions(Question question) {
      throw new UnsupportedOperationException();
    }
  }
}
