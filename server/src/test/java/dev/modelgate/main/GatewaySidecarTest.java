package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.internal.RpcError;
import dev.modelgate.config.SettingException;
import dev.modelgate.main.ProtectedBed.Form;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway and its sidecar: found again when it was away, or in one process from start to stop.
 */
final class GatewaySidecarTest {
  private static final String INFER = "inference.GRPCInferenceService/ModelInfer";
  private static final String STREAM = "inference.GRPCInferenceService/ModelStreamInfer";
  private static final String CLEO = "user:cleo@acme.com";

  @TempDir Path directory;

  private static GatewayCall call(ProtectedBed bed, String method) {
    Metadata headers = new Metadata();
    headers.put(ProtectedBed.USER, CLEO);
    return GatewayCall.begin(bed.channel(), method, CallOptions.DEFAULT, headers);
  }

  @Test
  void sidecarElsewhere_thatIsBack_isAskedAgain_andTheGatewayIsReadyAgain() throws Exception {
    byte[] request = ProtectedBed.request("fraud");
    try (ProtectedBed bed = new ProtectedBed(directory, ProtectedBed.RULES)) {
      bed.stopSidecar();
      Probe probe = new Probe(bed.gateway().httpPort());
      Probe.await("it is not ready", () -> probe.status("/readyz") == 503);
      bed.restartSidecar();
      Probe.await(
          "the sidecar is asked again", () -> call(bed, INFER).send(request).half().wentWell());
      Probe.await("it is ready", () -> probe.status("/readyz") == 200);
      assertEquals(
          "NO_GRANT",
          RpcError.of(call(bed, INFER).send(ProtectedBed.request("churn")).half().ended())
              .reason());
    }
  }

  @Test
  void gateway_asksItsOwnSidecar_whereOthersNeedACredential() throws Exception {
    ServeOptions serve = ProtectedBed.sidecarOptions(directory);
    serve.identity.unauthenticated = "never";
    byte[] request = ProtectedBed.request("fraud");
    try (ProtectedBed bed =
        new ProtectedBed(directory, ProtectedBed.RULES, Form.ONE_PROCESS, serve)) {
      assertArrayEquals(request, call(bed, INFER).send(request).half().next());
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> bed.sidecar().check(CLEO, SidecarBed.FRAUD, "predict"));
      assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
    }
  }

  @Test
  void stop_inOneProcess_endsTheCallsFirst_andTheSidecarThatTheyNeedAfterThem() throws Exception {
    byte[] request = ProtectedBed.request("fraud");
    ServeOptions serve = ProtectedBed.sidecarOptions(directory);
    try (ProtectedBed bed =
        new ProtectedBed(directory, ProtectedBed.RULES, Form.ONE_PROCESS, serve)) {
      GatewayCall running = call(bed, STREAM).send(request);
      running.next();
      CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> bed.gateway().close());
      Probe probe = new Probe(bed.gateway().own().orElseThrow().httpPort());
      Probe.await("no new call is taken", () -> !call(bed, INFER).send(request).half().wentWell());
      assertEquals(200, probe.status("/readyz"));
      running.send(request);
      assertArrayEquals(request, running.next());
      assertTrue(running.half().wentWell());
      stopped.get(30, TimeUnit.SECONDS);
      assertTrue(bed.gateway().closedCleanly());
      assertFalse(bed.gateway().own().orElseThrow().isReady());
    }
  }

  @Test
  void start_thatFailsBehindTheSidecar_stopsItAgain() throws Exception {
    ServeOptions serve = ProtectedBed.sidecarOptions(directory);
    GatewayOptions options = ProtectedBed.options(directory, 1, ProtectedBed.RULES);
    options.config = Files.writeString(directory.resolve("bad.yaml"), "parent: x\nother: y\n");
    assertThrows(SettingException.class, () -> new GatewayProcess(options, Optional.of(serve)));
    options.config = Files.writeString(directory.resolve("good.yaml"), ProtectedBed.RULES);
    options.upstreamTlsCa = directory.resolve("none.pem").toString();
    assertThrows(SettingException.class, () -> new GatewayProcess(options, Optional.of(serve)));
    options.upstreamTlsCa = "";
    startsAndStops(options, serve);
  }

  private static void startsAndStops(GatewayOptions options, ServeOptions serve)
      throws IOException {
    GatewayProcess process = new GatewayProcess(options, Optional.of(serve));
    process.close();
    assertTrue(process.closedCleanly());
  }

  @Test
  void settingOfTheSidecar_thatDoesNotGo_isCalledByItsNameHere() throws Exception {
    ServeOptions serve = ProtectedBed.sidecarOptions(directory);
    serve.missThreads = 0;
    GatewayOptions options = ProtectedBed.options(directory, 1, ProtectedBed.RULES);
    SettingException refused =
        assertThrows(SettingException.class, () -> new GatewayProcess(options, Optional.of(serve)));
    assertEquals(Optional.of("sidecar-miss-threads"), refused.setting());
  }
}
