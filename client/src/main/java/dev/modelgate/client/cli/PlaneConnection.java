package dev.modelgate.client.cli;

import dev.modelgate.client.internal.Connection;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.client.internal.RpcError;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceBlockingV2Stub;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A connection to the data plane that proves itself with each call, for what needs that there. */
final class PlaneConnection implements AutoCloseable {
  private final Endpoint endpoint;
  private final Connection connection;
  private final AuthorizationServiceBlockingV2Stub stub;

  private PlaneConnection(
      Endpoint endpoint, Connection connection, AuthorizationServiceBlockingV2Stub stub) {
    this.endpoint = endpoint;
    this.connection = connection;
    this.stub = stub;
  }

  static PlaneConnection open(Endpoint endpoint, ClientInterceptor credential) {
    Connection connection = endpoint.connect(Optional.empty());
    return new PlaneConnection(
        endpoint,
        connection,
        AuthorizationServiceGrpc.newBlockingV2Stub(
            ClientInterceptors.intercept(connection.channel(), credential)));
  }

  /** For one call that ends by the deadline. */
  AuthorizationServiceBlockingV2Stub within(Duration timeout) {
    return stub.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** A failure that says where it asked, if nobody was there. */
  Exception placed(StatusException failure) {
    return RpcError.of(failure).code() == Status.Code.UNAVAILABLE
        ? new PlacedException(failure, "", "asked at " + endpoint.text())
        : failure;
  }

  @Override
  public void close() {
    connection.close();
  }
}
