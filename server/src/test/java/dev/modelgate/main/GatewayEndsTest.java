package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls through a gateway that their callers end, by a deadline or by leaving. */
@ParameterizedClass
@EnumSource(ProtectedBed.Form.class)
final class GatewayEndsTest {
  private static final String INFER = "inference.GRPCInferenceService/ModelInfer";
  private static final String STREAM = "inference.GRPCInferenceService/ModelStreamInfer";
  private static final byte[] REQUEST = ProtectedBed.request("fraud");

  @TempDir Path directory;
  private final ProtectedBed.Form form;
  private ProtectedBed bed;

  GatewayEndsTest(ProtectedBed.Form form) {
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

  private GatewayCall call(String method, CallOptions options) {
    Metadata headers = new Metadata();
    headers.put(ProtectedBed.USER, "user:cleo@acme.com");
    return GatewayCall.begin(bed.channel(), method, options, headers).send(REQUEST);
  }

  /** The gateway asks on the thread that serves a call, whose context has that call's deadline. */
  @Test
  void deadline_endsThatCall_andNoOther() throws Exception {
    CallOptions hurried = CallOptions.DEFAULT.withDeadlineAfter(200, TimeUnit.MILLISECONDS);
    GatewayCall first = call(STREAM, hurried);
    GatewayCall other = call(STREAM, CallOptions.DEFAULT);
    other.next();
    assertEquals(Status.Code.DEADLINE_EXCEEDED, first.ended().getStatus().getCode());
    assertArrayEquals(REQUEST, other.send(REQUEST).next());
    assertTrue(other.half().wentWell(), () -> String.valueOf(other.ended()));
    assertTrue(call(INFER, CallOptions.DEFAULT).half().wentWell());
  }

  @Test
  void cancel_reachesTheServer_andEndsWhatIsWatchedAndHeld() throws Exception {
    GatewayCall running = call(STREAM, CallOptions.DEFAULT);
    running.next();
    Probe sidecar = new Probe(bed.sidecar().sidecar().httpPort());
    Probe.await("it is watched", () -> sidecar.metric("modelgate_accesses") == 1);
    running.cancel();
    Probe.await("the server hears", () -> bed.cancelled().get() == 1);
    Probe.await("nothing is watched", () -> sidecar.metric("modelgate_accesses") == 0);
    Probe gateway = new Probe(bed.gateway().httpPort());
    Probe.await("nothing is held", () -> gateway.metric("modelgate_gateway_held_bytes") == 0);
  }
}
