package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.modelgate.envoy.v3.AuthorizationGrpc;
import dev.modelgate.envoy.v3.CheckResponse;
import dev.modelgate.envoy.v3.HeaderValueOption;
import dev.modelgate.envoy.v3.HeaderValueOption.HeaderAppendAction;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Envoy's external authorization at a whole sidecar: what passes, and what it is answered. */
final class EnvoyTest {
  static final String ANA = "user:ana@acme.com";
  static final String BEN = "user:ben@acme.com";
  static final String INFER = "/v2/models/fraud/infer";

  private static final String DOCUMENT =
      """
      parent: organizations/acme/environments/prod
      protocols: [open-inference, openai]
      principal: {header: x-user}
      """;

  @TempDir private Path directory;
  private SidecarBed bed;

  @BeforeEach
  void start() throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.proxy.protectFile = Files.writeString(directory.resolve("protect.yaml"), DOCUMENT);
    bed = new SidecarBed(options);
    bed.sample();
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void allowedRequest_passes_withHeadersThatNobodyCanForge() {
    CheckResponse answer = ask(EnvoyRequest.of("POST", INFER).as(ANA));
    assertEquals("200", outcome(answer));
    Map<String, String> headers = overwritten(answer.getOkResponse().getHeadersList());
    assertEquals(ANA, headers.get("x-modelgate-principal"));
    assertEquals(SidecarBed.FRAUD, headers.get("x-modelgate-model"));
    assertFalse(headers.getOrDefault("x-modelgate-revision", "").isEmpty());
    assertEquals(List.of(), answer.getOkResponse().getHeadersToRemoveList());
    assertEquals("allow", metadata(answer, "decision"));
    assertEquals("", metadata(answer, "reason"));
    assertEquals(ANA, metadata(answer, "principal"));
    assertEquals(SidecarBed.FRAUD, metadata(answer, "resource"));
    assertEquals("predict", metadata(answer, "action"));
    assertEquals(headers.get("x-modelgate-revision"), metadata(answer, "revision"));
  }

  @Test
  void openRequest_passes_andHeadersThatTheClientSentAreRemoved() {
    CheckResponse answer =
        ask(EnvoyRequest.of("GET", "/v2/health/live").header("x-modelgate-principal", ANA));
    assertEquals("200", outcome(answer));
    assertEquals(List.of(), answer.getOkResponse().getHeadersList());
    assertEquals(
        List.of("x-modelgate-principal", "x-modelgate-model", "x-modelgate-revision"),
        answer.getOkResponse().getHeadersToRemoveList());
  }

  @Test
  void deniedRequest_isAnsweredWithAStatusAndASmallBody() throws Exception {
    CheckResponse answer = ask(EnvoyRequest.of("POST", INFER).as(BEN));
    assertEquals("403 NO_GRANT", outcome(answer));
    assertEquals(
        "application/json",
        overwritten(answer.getDeniedResponse().getHeadersList()).get("content-type"));
    assertEquals(
        "{\"error\":{\"code\":403,\"status\":\"PERMISSION_DENIED\",\"reason\":\"NO_GRANT\","
            + "\"message\":\"NO_GRANT\"}}\n",
        answer.getDeniedResponse().getBody());
    assertEquals("deny", metadata(answer, "decision"));
    assertEquals("NO_GRANT", metadata(answer, "reason"));
    assertEquals(SidecarBed.FRAUD, metadata(answer, "resource"));
    assertInfo(answer.getStatus(), 7, "NO_GRANT");
  }

  @Test
  void deniedCall_isAnsweredInTheFormOfGrpc() throws Exception {
    CheckResponse answer = ask(infer("fraud").as(BEN));
    Map<String, String> headers = overwritten(answer.getDeniedResponse().getHeadersList());
    assertEquals(403, answer.getDeniedResponse().getStatus().getCodeValue());
    assertEquals("7", headers.get("grpc-status"));
    assertEquals("NO_GRANT", answer.getDeniedResponse().getBody());
    assertInfo(
        Status.parseFrom(Base64.getDecoder().decode(headers.get("grpc-status-details-bin"))),
        7,
        "NO_GRANT");
    assertFalse(headers.containsKey("content-type"), "which Envoy sets");
  }

  @Test
  void revokedAccess_isDeniedWithTheNextRequest() {
    assertEquals("200", outcome(EnvoyRequest.of("POST", INFER).as("user:cleo@acme.com")));
    SidecarBed.revoke(bed.admin(), SidecarBed.FRAUD, "group:risk");
    assertEquals("403 NO_GRANT", outcome(EnvoyRequest.of("POST", INFER).as("user:cleo@acme.com")));
  }

  @Test
  void nobody_isUnauthenticated() {
    assertEquals("401 UNAUTHENTICATED", outcome(EnvoyRequest.of("POST", INFER)));
    assertEquals("401 UNAUTHENTICATED", outcome(EnvoyRequest.of("POST", INFER).as(ANA).as(ANA)));
    assertEquals("401 UNAUTHENTICATED", outcome(EnvoyRequest.of("POST", INFER).as("")));
    assertEquals(
        "401 UNAUTHENTICATED",
        outcome(EnvoyRequest.of("POST", INFER).joinedHeader("x-user", ANA + "," + ANA)),
        "two headers that Envoy has joined");
    assertEquals(
        "200", outcome(EnvoyRequest.of("POST", INFER).joinedHeader("x-user", ANA)), "one alone");
  }

  /** RFC 9110, 15.5.2; gRPC has no such thing. */
  @Test
  void nobody_isToldWhatToShow() {
    Map<String, String> ofHttp =
        overwritten(ask(EnvoyRequest.of("POST", INFER)).getDeniedResponse().getHeadersList());
    assertEquals("Modelgate realm=\"modelgate\"", ofHttp.get("www-authenticate"));
    Map<String, String> ofGrpc =
        overwritten(ask(infer("fraud")).getDeniedResponse().getHeadersList());
    assertFalse(ofGrpc.containsKey("www-authenticate"));
    Map<String, String> ofDenied =
        overwritten(
            ask(EnvoyRequest.of("POST", INFER).as(BEN)).getDeniedResponse().getHeadersList());
    assertFalse(ofDenied.containsKey("www-authenticate"), "showing something else is no help");
  }

  @Test
  void requestThatCanBeReadInTwoWays_isMalformed() {
    for (String path : List.of("/v2/models/a/../fraud/infer", "/v2//models/fraud/infer")) {
      assertEquals("400 REQUEST_MALFORMED", outcome(EnvoyRequest.of("POST", path).as(ANA)), path);
    }
    assertEquals(
        "400 REQUEST_MALFORMED",
        outcome(EnvoyRequest.of("POST", INFER).as(ANA).header("x-http-method-override", "GET")));
    assertEquals(
        "400 REQUEST_MALFORMED",
        outcome(EnvoyRequest.of("POST", INFER).rawHeader("x-user", (byte) 0xe9)),
        "a header that is not UTF-8");
  }

  @Test
  void listThatNobodyFilters_isDenied() {
    assertEquals("403 NO_MODEL", outcome(EnvoyRequest.of("GET", "/v1/models").as(ANA)));
  }

  @Test
  void requestThatIsNone_isRefused() {
    assertEquals(
        "400 REQUEST_MALFORMED",
        outcome(stub().check(dev.modelgate.envoy.v3.CheckRequest.getDefaultInstance())));
  }

  @Test
  void service_isServing() {
    assertEquals(
        ServingStatus.SERVING,
        HealthGrpc.newBlockingStub(bed.dataChannel())
            .check(
                HealthCheckRequest.newBuilder()
                    .setService("envoy.service.auth.v3.Authorization")
                    .build())
            .getStatus());
  }

  private AuthorizationGrpc.AuthorizationBlockingStub stub() {
    return AuthorizationGrpc.newBlockingStub(bed.dataChannel())
        .withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  private CheckResponse ask(EnvoyRequest request) {
    return stub().check(request.build());
  }

  private String outcome(EnvoyRequest request) {
    return outcome(ask(request));
  }

  /** {@code 200}, or the status and the reason. */
  static String outcome(CheckResponse answer) {
    if (answer.getStatus().getCode() == 0) {
      assertTrue(answer.hasOkResponse());
      return "200";
    }
    assertTrue(answer.hasDeniedResponse());
    return answer.getDeniedResponse().getStatus().getCodeValue() + " " + metadata(answer, "reason");
  }

  static EnvoyRequest infer(String model) {
    return EnvoyRequest.grpc(
        "inference.GRPCInferenceService/ModelInfer",
        EnvoyRequest.framed(0, EnvoyRequest.naming(model)));
  }

  private static String metadata(CheckResponse answer, String key) {
    return answer.getDynamicMetadata().getFieldsOrThrow(key).getStringValue();
  }

  /** The headers by name, each of which goes over what was there. */
  private static Map<String, String> overwritten(List<HeaderValueOption> headers) {
    Map<String, String> values = new TreeMap<>();
    for (HeaderValueOption header : headers) {
      assertEquals(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD, header.getAppendAction());
      values.put(header.getHeader().getKey(), header.getHeader().getValue());
    }
    return values;
  }

  private static void assertInfo(Status status, int code, String reason)
      throws InvalidProtocolBufferException {
    assertEquals(code, status.getCode());
    List<ErrorInfo> infos = new ArrayList<>();
    for (Any detail : status.getDetailsList()) {
      infos.add(detail.unpack(ErrorInfo.class));
    }
    assertEquals(
        List.of(ErrorInfo.newBuilder().setDomain("modelgate.dev").setReason(reason).build()),
        infos);
  }
}
