package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.internal.RpcError;
import io.grpc.CallOptions;
import io.grpc.Codec;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A gateway as {@code modelgate gateway} starts it, between real callers, server and sidecar. */
@ParameterizedClass
@EnumSource(ProtectedBed.Form.class)
final class GatewayProcessTest {
  private static final String INFER = "inference.GRPCInferenceService/ModelInfer";
  private static final String STREAM = "inference.GRPCInferenceService/ModelStreamInfer";
  private static final String CLEO = "user:cleo@acme.com";
  private static final Metadata.Key<String> OWN =
      Metadata.Key.of("x-modelgate-on-behalf-of", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir Path directory;
  private final ProtectedBed.Form form;
  private ProtectedBed bed;

  GatewayProcessTest(ProtectedBed.Form form) {
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

  private GatewayCall call(String method, String user) {
    Metadata headers = new Metadata();
    if (!user.isEmpty()) {
      headers.put(ProtectedBed.USER, user);
    }
    return GatewayCall.begin(bed.channel(), method, CallOptions.DEFAULT, headers);
  }

  private void assertRefused(GatewayCall call, Status.Code code, String reason) throws Exception {
    RpcError error = RpcError.of(call.ended());
    assertEquals(code, error.code(), error::toString);
    assertEquals(reason, error.reason());
  }

  @Test
  void call_thatIsAllowed_passesAsItIs() throws Exception {
    byte[] request = ProtectedBed.request("fraud");
    GatewayCall call = call(INFER, CLEO).send(request).half();
    assertArrayEquals(request, call.next());
    assertTrue(call.wentWell());
    assertArrayEquals(request, bed.received().poll());
  }

  @Test
  void call_thatIsDenied_endsWithTheReasonAndReachesNobody() throws Exception {
    assertRefused(
        call(INFER, CLEO).send(ProtectedBed.request("churn")).half(),
        Status.Code.PERMISSION_DENIED,
        "NO_GRANT");
    assertRefused(
        call(INFER, CLEO).send(ProtectedBed.request("none")).half(),
        Status.Code.PERMISSION_DENIED,
        "UNKNOWN_RESOURCE");
    assertTrue(bed.headers().isEmpty());
  }

  @Test
  void nobody_isUnauthenticated() throws Exception {
    for (String nobody : new String[] {"", "ana", "group:risk"}) {
      assertRefused(
          call(INFER, nobody).send(ProtectedBed.request("fraud")).half(),
          Status.Code.UNAUTHENTICATED,
          "UNAUTHENTICATED");
    }
    assertTrue(bed.headers().isEmpty());
  }

  /** Hazard 36: parsers keep the last, a proxy that looks at the first would let it through. */
  @Test
  void message_thatNamesTwoModels_isMalformed() throws Exception {
    for (byte[] request :
        new byte[][] {
          ProtectedBed.request("fraud", "churn"), ProtectedBed.request("fraud", "fraud"), {10, 99}
        }) {
      assertRefused(
          call(INFER, CLEO).send(request).half(),
          Status.Code.INVALID_ARGUMENT,
          "REQUEST_MALFORMED");
    }
    assertTrue(bed.headers().isEmpty());
  }

  @Test
  void message_thatNamesNoModel_isDenied() throws Exception {
    assertRefused(
        call(INFER, CLEO).send(ProtectedBed.request()).half(),
        Status.Code.PERMISSION_DENIED,
        "NO_MODEL");
    assertTrue(bed.headers().isEmpty());
  }

  @Test
  void method_withoutARule_isDenied_reflectionToo_andHealthPasses() throws Exception {
    for (String method :
        new String[] {
          "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
          "inference.GRPCInferenceService/Other",
          "other.Service/ModelInfer",
          "inference.GRPCInferenceService/modelinfer"
        }) {
      assertRefused(
          call(method, CLEO).send(ProtectedBed.request("fraud")).half(),
          Status.Code.PERMISSION_DENIED,
          "NO_MODEL");
    }
    assertTrue(bed.headers().isEmpty());
    GatewayCall health = call("grpc.health.v1.Health/Check", "").send(new byte[0]).half();
    assertEquals(0, health.next().length);
    assertTrue(health.wentWell());
  }

  @Test
  void headersOfTheProof_andOurOwn_areNotForwarded() throws Exception {
    Metadata headers = new Metadata();
    headers.put(ProtectedBed.USER, CLEO);
    headers.put(OWN, "user:ana@acme.com");
    GatewayCall call =
        GatewayCall.begin(bed.channel(), INFER, CallOptions.DEFAULT, headers)
            .send(ProtectedBed.request("fraud"))
            .half();
    call.next();
    assertNull(bed.headers().get(0).get(ProtectedBed.USER));
    assertNull(bed.headers().get(0).get(OWN));
    Metadata open = new Metadata();
    open.put(OWN, "user:ana@acme.com");
    GatewayCall.begin(bed.channel(), "grpc.health.v1.Health/Check", CallOptions.DEFAULT, open)
        .send(new byte[0])
        .next();
    assertNull(bed.headers().get(1).get(OWN));
  }

  /** Hazard 39: the first message decides nothing about the next one. */
  @Test
  void laterMessage_forAnotherModel_isCheckedToo() throws Exception {
    byte[] allowed = ProtectedBed.request("fraud");
    GatewayCall call = call(STREAM, CLEO).send(allowed);
    assertArrayEquals(allowed, call.next());
    call.send(allowed);
    assertArrayEquals(allowed, call.next());
    call.send(ProtectedBed.request("churn"));
    assertRefused(call, Status.Code.PERMISSION_DENIED, "NO_GRANT");
    assertEquals(2, bed.received().size());
  }

  @Test
  void laterMessage_afterARevoke_doesNotPass() throws Exception {
    byte[] request = ProtectedBed.request("fraud");
    GatewayCall call = call(STREAM, CLEO).send(request);
    call.next();
    SidecarBed.revoke(bed.sidecar().admin(), SidecarBed.FRAUD, "group:risk");
    call.send(request);
    assertRefused(call, Status.Code.PERMISSION_DENIED, "NO_GRANT");
    assertEquals(1, bed.received().size());
    assertRefused(
        call(INFER, CLEO).send(request).half(), Status.Code.PERMISSION_DENIED, "NO_GRANT");
  }

  @Test
  void sidecar_thatIsDown_failsClosed_andTheGatewayIsNotReady() throws Exception {
    byte[] request = ProtectedBed.request("fraud");
    call(INFER, CLEO).send(request).half().next();
    Probe probe = new Probe(bed.gateway().httpPort());
    assertEquals(200, probe.status("/readyz"));
    bed.stopSidecar();
    assertRefused(
        call(INFER, CLEO).send(request).half(),
        Status.Code.UNAVAILABLE,
        "AUTHORIZATION_UNAVAILABLE");
    assertEquals(1, bed.received().size());
    Probe.await("it is not ready", () -> probe.status("/readyz") == 503);
    assertEquals(200, probe.status("/livez"));
  }

  @Test
  void compressedMessage_isReadAsEveryOther() throws Exception {
    for (Compressor codec : new Compressor[] {new Codec.Gzip(), new Deflate()}) {
      bed.received().clear();
      CompressorRegistry registry = CompressorRegistry.newEmptyInstance();
      registry.register(codec);
      ManagedChannel compressing =
          NettyChannelBuilder.forAddress(
                  "127.0.0.1", bed.gateway().gateway().port(), InsecureChannelCredentials.create())
              .compressorRegistry(registry)
              .build();
      CallOptions options = CallOptions.DEFAULT.withCompression(codec.getMessageEncoding());
      Metadata headers = new Metadata();
      headers.put(ProtectedBed.USER, CLEO);
      assertRefused(
          GatewayCall.begin(compressing, INFER, options, copy(headers))
              .send(ProtectedBed.request("churn"))
              .half(),
          Status.Code.PERMISSION_DENIED,
          "NO_GRANT");
      assertRefused(
          GatewayCall.begin(compressing, INFER, options, copy(headers))
              .send(ProtectedBed.request("fraud", "fraud"))
              .half(),
          Status.Code.INVALID_ARGUMENT,
          "REQUEST_MALFORMED");
      // One field that is skipped, of 2 MiB; compressed it is within the bound.
      byte[] bomb = java.util.Arrays.copyOf(new byte[] {58, -128, -128, -128, 1}, (2 << 20) + 5);
      assertRefused(
          GatewayCall.begin(compressing, INFER, options, copy(headers)).send(bomb).half(),
          Status.Code.RESOURCE_EXHAUSTED,
          "LIMIT_EXCEEDED");
      assertTrue(bed.received().isEmpty());
      GatewayCall passing =
          GatewayCall.begin(compressing, INFER, options, copy(headers))
              .send(ProtectedBed.request("fraud"))
              .half();
      if (codec.getMessageEncoding().equals("gzip")) {
        assertArrayEquals(ProtectedBed.request("fraud"), passing.next());
      } else {
        // It passed: the server, which cannot inflate it, says so itself.
        assertEquals(Status.Code.UNIMPLEMENTED, passing.ended().getStatus().getCode());
      }
      compressing.shutdownNow();
    }
  }

  private static Metadata copy(Metadata headers) {
    Metadata copy = new Metadata();
    copy.merge(headers);
    return copy;
  }

  private record Deflate() implements Compressor {
    @Override
    public String getMessageEncoding() {
      return "deflate";
    }

    @Override
    public OutputStream compress(OutputStream out) {
      return new DeflaterOutputStream(out);
    }
  }

  @Test
  void metrics_andProbes_tellOfTheGateway() throws Exception {
    call(INFER, CLEO).send(ProtectedBed.request("fraud")).half().next();
    assertEquals(200, http("/readyz").statusCode());
    String metrics = http("/metrics").body();
    for (String name : new String[] {"modelgate_gateway_held_bytes ", "modelgate_gateway_calls "}) {
      assertTrue(metrics.contains("\n" + name), name);
    }
    assertFalse(metrics.contains("fraud"));
  }

  private HttpResponse<String> http(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + bed.gateway().httpPort() + path))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
