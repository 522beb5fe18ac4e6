package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceFutureStub;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Checks that find no place in the line for the store. */
final class MissQueueTest {
  private static final int THREADS = 2;
  private static final int PLACES = 4;
  private static final int TOO_MANY = 3;
  private static final int WAIT_SECONDS_MAX = 20;

  /** Holds up every thread that reads, until it is told to go on. */
  private static final class HeldUp implements Telemetry {
    final CountDownLatch busy = new CountDownLatch(THREADS);
    final CountDownLatch goOn = new CountDownLatch(1);
    final CountDownLatch refused = new CountDownLatch(TOO_MANY);
    final List<String> limits = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void evaluated(long nanos) {
      busy.countDown();
      await(goOn);
    }

    @Override
    public void limited(String limit) {
      limits.add(limit);
      refused.countDown();
    }
  }

  @Test
  void checks_beyondTheQueue_areRefusedAndCountedAndTheOthersAnswered() throws Exception {
    HeldUp heldUp = new HeldUp();
    try (AdminPlane plane = new AdminPlane(Clock.systemUTC(), OverloadedServer.ON_DISK).withAcme();
        CachingAuthorizer authorizer =
            new CachingAuthorizer(
                plane.live,
                plane.stamps,
                plane.clock,
                new CheckOptions("", 8L << 20, THREADS, PLACES, 0),
                new CelConditions(),
                heldUp)) {
      String name = InProcessServerBuilder.generateName();
      Server server =
          InProcessServerBuilder.forName(name)
              .addService(
                  new AuthorizationGrpcService(
                      authorizer, plane.lookups(), Runnable::run, new ErrorMapper(heldUp)))
              .build()
              .start();
      ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
      try {
        var stub = AuthorizationServiceGrpc.newFutureStub(channel);
        List<ListenableFuture<CheckResponse>> answers = new ArrayList<>();
        ask(stub, THREADS, answers);
        await(heldUp.busy);
        ask(stub, PLACES + TOO_MANY, answers);
        await(heldUp.refused);
        heldUp.goOn.countDown();
        assertEquals(TOO_MANY, answers.stream().filter(MissQueueTest::isRefused).count());
        assertEquals(Collections.nCopies(TOO_MANY, "misses"), heldUp.limits);
      } finally {
        heldUp.goOn.countDown();
        channel.shutdownNow();
        server.shutdownNow();
      }
    }
  }

  /** Each about somebody else, so that no two are one miss. */
  private static void ask(
      AuthorizationServiceFutureStub stub,
      int count,
      List<ListenableFuture<CheckResponse>> answers) {
    for (int i = 0; i < count; i++) {
      answers.add(
          stub.check(
              CheckRequest.newBuilder()
                  .setPrincipal("user:u" + answers.size() + "@acme.com")
                  .setModel(AdminPlane.FRAUD)
                  .setAction("predict")
                  .build()));
    }
  }

  private static boolean isRefused(ListenableFuture<CheckResponse> answer) {
    try {
      answer.get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
      return false;
    } catch (ExecutionException e) {
      return Status.fromThrowable(e).getCode() == Status.Code.RESOURCE_EXHAUSTED;
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(WAIT_SECONDS_MAX, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
