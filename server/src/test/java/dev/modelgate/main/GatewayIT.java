package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code modelgate gateway} of the built jar. */
final class GatewayIT {
  @TempDir Path directory;

  @Test
  void gateway_ofTheJar_letsPassWhatTheSidecarAllows_andStopsWithZero() throws Exception {
    // It has an upstream and a sidecar; its own gateway is not used.
    try (ProtectedBed bed = new ProtectedBed(directory, ProtectedBed.RULES)) {
      try (JarProcess gateway =
          JarProcess.gateway(
              "--config",
              Files.writeString(directory.resolve("rules.yaml"), ProtectedBed.RULES).toString(),
              "--upstream",
              "127.0.0.1:" + bed.upstreamPort(),
              "--sidecar",
              "unix:" + directory.resolve("data/modelgate.sock"),
              // Processes that have just started, on a machine that does other things too.
              "--check-ms",
              "10000",
              "--watch-lost-ms",
              "10000")) {
        assertPasses(gateway);
        gateway.stop();
        assertEquals(0, gateway.exitCode(), gateway.rest());
      }
    }
  }

  @Test
  void gatewayOfTheJar_withASidecarInItsProcess_isOneCommand() throws Exception {
    Path data = directory.resolve("own");
    try (SidecarBed sample = new SidecarBed(data)) {
      sample.sample();
    }
    try (ProtectedBed bed = new ProtectedBed(directory, ProtectedBed.RULES);
        JarProcess gateway =
            JarProcess.gateway(
                "--config",
                Files.writeString(directory.resolve("rules.yaml"), ProtectedBed.RULES).toString(),
                "--upstream",
                "127.0.0.1:" + bed.upstreamPort(),
                "--data",
                data.toString(),
                "--sidecar-port=0",
                "--sidecar-admin-port=0",
                "--sidecar-http-port=0",
                "--check-ms=10000")) {
      assertPasses(gateway);
      assertEquals(200, new Probe(gateway.port("http")).status("/readyz"));
      assertTrue(gateway.port("data") > 0 && gateway.port("admin") > 0);
      gateway.stop();
      assertEquals(0, gateway.exitCode(), gateway.rest());
    }
  }

  private static void assertPasses(JarProcess gateway) throws InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                "127.0.0.1", gateway.port("gateway"), InsecureChannelCredentials.create())
            .build();
    Metadata headers = new Metadata();
    headers.put(ProtectedBed.USER, "user:cleo@acme.com");
    byte[] request = ProtectedBed.request("fraud");
    assertArrayEquals(
        request,
        GatewayCall.begin(
                channel, "inference.GRPCInferenceService/ModelInfer", CallOptions.DEFAULT, headers)
            .send(request)
            .half()
            .next());
    channel.shutdownNow();
  }

  @Test
  void gateway_withoutItsDocument_isRefused() throws Exception {
    JarProcess.run(
            List.of(), "gateway", "--upstream=127.0.0.1:1", "--config=" + directory.resolve("none"))
        .assertRefused("cannot be read");
    assertTrue(Files.notExists(directory.resolve("none")));
  }
}
