package dev.modelgate.gateway;

import dev.modelgate.client.internal.Connection;
import dev.modelgate.client.internal.Endpoint;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether a sidecar in another process serves, asked over a connection of its own. Asks at most
 * once a second, however often it is asked itself. Thread-safe.
 */
public final class SidecarHealth implements AutoCloseable {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Connection connection;
  private final Duration timeout;
  private final LongSupplier nanoTime;
  private boolean serving;
  private boolean asked;
  private long askedNanos;

  SidecarHealth(Connection connection, Duration timeout, LongSupplier nanoTime) {
    this.connection = connection;
    this.timeout = timeout;
    this.nanoTime = nanoTime;
  }

  /**
   * Dials with the first question.
   *
   * @param timeout how long it may take to answer
   */
  public static SidecarHealth of(Endpoint endpoint, Duration timeout) {
    return new SidecarHealth(endpoint.connect(Optional.empty()), timeout, System::nanoTime);
  }

  /** Whether it said so within the last second; blocks until it answers, or the time is over. */
  public synchronized boolean isServing() {
    long now = nanoTime.getAsLong();
    if (!asked || now - askedNanos >= FRESH_NANOS) {
      serving = ask();
      asked = true;
      askedNanos = nanoTime.getAsLong();
    }
    return serving;
  }

  private boolean ask() {
    try {
      return HealthGrpc.newBlockingStub(connection.channel())
              .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
              .check(HealthCheckRequest.getDefaultInstance())
              .getStatus()
          == ServingStatus.SERVING;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
