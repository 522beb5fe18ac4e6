package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.modelgate.client.internal.RpcError;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls that run through a gateway end when what let them pass is gone (hazard 39). */
@ParameterizedClass
@EnumSource(ProtectedBed.Form.class)
final class GatewayCutTest {
  private static final String STREAM = "inference.GRPCInferenceService/ModelStreamInfer";
  private static final int STREAMS = 100;

  @TempDir Path directory;
  private final ProtectedBed.Form form;
  private ProtectedBed bed;

  GatewayCutTest(ProtectedBed.Form form) {
    this.form = form;
  }

  @BeforeEach
  void start() throws IOException {
    bed = new ProtectedBed(directory, ProtectedBed.RULES, form);
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  private List<GatewayCall> streams(String user, String model) throws InterruptedException {
    List<GatewayCall> calls = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      Metadata headers = new Metadata();
      headers.put(ProtectedBed.USER, user);
      calls.add(
          GatewayCall.begin(bed.channel(), STREAM, CallOptions.DEFAULT, headers)
              .send(ProtectedBed.request(model)));
    }
    for (GatewayCall call : calls) {
      assertArrayEquals(ProtectedBed.request(model), call.next());
    }
    return calls;
  }

  private static void assertEnded(List<GatewayCall> calls, Status.Code code, String reason) {
    for (GatewayCall call : calls) {
      RpcError error = RpcError.of(call.ended());
      assertEquals(code, error.code(), error::toString);
      assertEquals(reason, error.reason());
    }
  }

  @Test
  void revoke_endsEveryStreamThatItConcerns_andNoOther() throws Exception {
    List<GatewayCall> revoked = streams("user:cleo@acme.com", "fraud");
    List<GatewayCall> others = streams("user:ben@acme.com", "churn");
    SidecarBed.revoke(bed.sidecar().admin(), SidecarBed.FRAUD, "group:risk");
    // Nobody sends anything: the gateway ends them by itself.
    assertEnded(revoked, Status.Code.PERMISSION_DENIED, "NO_GRANT");
    for (GatewayCall other : others) {
      assertFalse(other.isEnded());
      assertArrayEquals(
          ProtectedBed.request("churn"), other.send(ProtectedBed.request("churn")).next());
    }
  }

  @Test
  void lossOfTheSidecar_endsRunningStreams() throws Exception {
    List<GatewayCall> running = streams("user:cleo@acme.com", "fraud");
    bed.stopSidecar();
    assertEnded(running, Status.Code.UNAVAILABLE, "AUTHORIZATION_UNAVAILABLE");
  }

  @Test
  void openMethods_areNotCut() throws Exception {
    GatewayCall health =
        GatewayCall.begin(
                bed.channel(), "grpc.health.v1.Health/Watch", CallOptions.DEFAULT, new Metadata())
            .send(new byte[0]);
    health.next();
    List<GatewayCall> running = streams("user:cleo@acme.com", "fraud");
    bed.stopSidecar();
    assertEnded(running, Status.Code.UNAVAILABLE, "AUTHORIZATION_UNAVAILABLE");
    assertFalse(health.isEnded());
    assertEquals(0, health.send(new byte[0]).next().length);
  }
}
