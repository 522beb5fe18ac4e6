package dev.modelgate.client.cli;

import dev.modelgate.client.internal.Connection;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A connection to the admin plane that proves itself with each call. */
final class AdminConnection implements AutoCloseable {
  private final Connection connection;
  private final AdminServiceBlockingV2Stub stub;

  private AdminConnection(Connection connection, AdminServiceBlockingV2Stub stub) {
    this.connection = connection;
    this.stub = stub;
  }

  static AdminConnection open(Endpoint endpoint, ClientInterceptor credential) {
    Connection connection = endpoint.connect(Optional.empty());
    return new AdminConnection(
        connection,
        AdminServiceGrpc.newBlockingV2Stub(
            ClientInterceptors.intercept(connection.channel(), credential)));
  }

  /** For one call that ends by the deadline. */
  AdminServiceBlockingV2Stub within(Duration timeout) {
    return stub.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** For streams, which watch their silence themselves. */
  AdminServiceBlockingV2Stub unbounded() {
    return stub;
  }

  @Override
  public void close() {
    connection.close();
  }
}
