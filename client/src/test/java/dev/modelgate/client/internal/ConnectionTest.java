package dev.modelgate.client.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConnectionTest {

  /** With gRPC's own waits, which begin at a second and grow, this would take an hour. */
  @Test
  void connection_thatFails_isDialedAgainAfterTheSameWaitEachTime() throws Exception {
    try (ServerSocket port = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Connection connection =
            Connection.open(
                NettyChannelBuilder.forAddress("127.0.0.1", port.getLocalPort()).usePlaintext(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofMillis(10))) {
      port.setSoTimeout(20_000);
      AuthorizationServiceGrpc.newFutureStub(connection.channel())
          .check(CheckRequest.getDefaultInstance())
          .addListener(() -> {}, Runnable::run);
      for (int dialed = 0; dialed < 20; dialed++) {
        try (Socket hungUp = port.accept()) {
          assertTrue(hungUp.isConnected());
        }
      }
    }
  }
}
