package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.internal.Connection;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a gateway knows of a sidecar in another process. */
final class SidecarHealthTest {
  private final AtomicLong nanoTime = new AtomicLong();
  private final AtomicInteger asked = new AtomicInteger();
  private final String name = InProcessServerBuilder.generateName();
  private final Server server;
  private volatile Optional<ServingStatus> status = Optional.of(ServingStatus.SERVING);

  SidecarHealthTest() throws IOException {
    this.server =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .addService(
                new HealthGrpc.HealthImplBase() {
                  @Override
                  public void check(
                      HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
                    asked.incrementAndGet();
                    status.ifPresent(
                        said -> {
                          observer.onNext(HealthCheckResponse.newBuilder().setStatus(said).build());
                          observer.onCompleted();
                        });
                  }
                })
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  private SidecarHealth health(Duration timeout) {
    return new SidecarHealth(
        Connection.dialing(InProcessChannelBuilder.forName(name).build()), timeout, nanoTime::get);
  }

  @Test
  void sidecar_isAskedOnceASecond_howeverOftenOneAsks() {
    try (SidecarHealth health = health(Duration.ofSeconds(20))) {
      assertTrue(health.isServing());
      status = Optional.of(ServingStatus.NOT_SERVING);
      nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(1) - 1);
      assertTrue(health.isServing());
      assertEquals(1, asked.get());
      nanoTime.incrementAndGet();
      assertFalse(health.isServing());
      assertFalse(health.isServing());
      assertEquals(2, asked.get());
    }
  }

  @Test
  void sidecar_thatIsSilentOrGone_isNotServing() {
    try (SidecarHealth health = health(Duration.ofMillis(20))) {
      status = Optional.empty();
      assertFalse(health.isServing());
      server.shutdownNow();
      nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(1));
      assertFalse(health.isServing());
      assertEquals(1, asked.get());
    }
  }
}
