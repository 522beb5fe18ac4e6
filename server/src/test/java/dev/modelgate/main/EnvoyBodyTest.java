package dev.modelgate.main;

import static dev.modelgate.main.EnvoyTest.ANA;
import static dev.modelgate.main.EnvoyTest.INFER;
import static dev.modelgate.main.EnvoyTest.infer;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.envoy.v3.AuthorizationGrpc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Envoy passes of a body: it counts when all of it is there, as it goes upstream (hazard 38).
 */
final class EnvoyBodyTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String DOCUMENT =
      """
      parent: organizations/acme/environments/prod
      protocols: [open-inference, openai]
      principal: {header: x-user}
      http:
        - {request: POST /many, action: predict, body: {model: "requests[].model"}}
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
  void body_namesTheModel() {
    assertEquals("200", outcome(chat("{\"model\":\"fraud\"}").as(ANA)));
    assertEquals("403 NO_GRANT", outcome(chat("{\"model\":\"churn\"}").as(ANA)));
    assertEquals("403 NO_MODEL", outcome(chat("{}").as(ANA)));
    assertEquals(
        "400 REQUEST_MALFORMED",
        outcome(chat("{\"model\":\"fraud\",\"model\":\"churn\"}").as(ANA)));
    String large = "{\"model\":\"fraud\",\"prompt\":\"" + "x".repeat(900_000) + "\"}";
    assertEquals("200", outcome(chat(large).as(ANA)));
  }

  @Test
  void bodyThatIsNotWhole_isRefused_asMalformedOrAsUnseen() {
    String body = "{\"model\":\"fraud\"}";
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    EnvoyRequest partial = chat().body(bytes).header("x-envoy-auth-partial-body", "true");
    assertEquals("400 REQUEST_MALFORMED", outcome(partial.as(ANA)), "marked");
    EnvoyRequest twice = chat().whole(body).header("x-envoy-auth-partial-body", "true");
    assertEquals(
        "400 REQUEST_MALFORMED", outcome(twice.as(ANA)), "marked behind the client's own mark");
    EnvoyRequest cut =
        chat()
            .body(bytes)
            .header("content-length", "18")
            .header("x-envoy-auth-partial-body", "false");
    assertEquals("400 REQUEST_MALFORMED", outcome(cut.as(ANA)), "shorter than the client says");
    assertEquals(
        "400 REQUEST_MALFORMED", outcome(chat().whole(body).size(18).as(ANA)), "than received");
    assertEquals("403 NO_MODEL", outcome(chat().body(bytes).as(ANA)), "without a mark");
    assertEquals("403 NO_MODEL", outcome(chat().as(ANA)), "not passed");
    EnvoyRequest text = chat().text(body).header("x-envoy-auth-partial-body", "false");
    assertEquals("403 NO_MODEL", outcome(text.as(ANA)), "in which bytes may be replaced");
  }

  @Test
  void pathThatNamesTheModel_needsNoBody() {
    assertEquals(
        "200", outcome(EnvoyRequest.of("POST", INFER).header("content-length", "5000").as(ANA)));
  }

  @Test
  void call_isReadWhenItIsOneWholeMessage() {
    assertEquals("200", outcome(infer("fraud").as(ANA)));
    assertEquals("403 NO_GRANT", outcome(infer("churn").as(ANA)));
    String infer = "inference.GRPCInferenceService/ModelInfer";
    byte[] one = EnvoyRequest.framed(0, EnvoyRequest.naming("fraud"));
    byte[] two = ByteBuffer.allocate(2 * one.length).put(one).put(one).array();
    byte[] longer = one.clone();
    longer[4]++;
    Map<String, byte[]> bodies =
        Map.of(
            "a second message",
            two,
            "no message",
            new byte[0],
            "half a prefix",
            new byte[] {0, 0, 0},
            "compressed",
            EnvoyRequest.framed(1, EnvoyRequest.naming("fraud")),
            "an unknown flag",
            EnvoyRequest.framed(2, EnvoyRequest.naming("fraud")),
            "cut short",
            longer,
            "negative length",
            new byte[] {0, -1, -1, -1, -1});
    bodies.forEach(
        (what, body) ->
            assertEquals(
                "400 REQUEST_MALFORMED", outcome(EnvoyRequest.grpc(infer, body).as(ANA)), what));
    assertEquals(
        "400 REQUEST_MALFORMED",
        outcome(
            EnvoyRequest.of("POST", "/" + infer)
                .header("content-type", "application/grpc")
                .body(one)
                .header("x-envoy-auth-partial-body", "true")
                .as(ANA)),
        "a first message of more");
    assertEquals(
        "403 NO_MODEL",
        outcome(
            EnvoyRequest.of("POST", "/" + infer)
                .header("content-type", "application/grpc")
                .as(ANA)),
        "without the body");
  }

  @Test
  void callOfAnotherKind_isRefused() {
    byte[] one = EnvoyRequest.framed(0, EnvoyRequest.naming("fraud"));
    String infer = "/inference.GRPCInferenceService/ModelInfer";
    for (String type :
        List.of("application/grpc+json", "application/grpc-web", "application/grpc-web-text")) {
      assertEquals(
          "400 REQUEST_MALFORMED",
          outcome(EnvoyRequest.of("POST", infer).header("content-type", type).whole(one).as(ANA)),
          type);
    }
    assertEquals(
        "400 REQUEST_MALFORMED",
        outcome(infer("fraud").header("content-type", "application/json").as(ANA)),
        "two content types");
    assertEquals(
        "403 NO_MODEL", outcome(EnvoyRequest.json(infer, "{\"model_name\":\"fraud\"}").as(ANA)));
    assertEquals(
        "403 NO_MODEL",
        outcome(EnvoyRequest.grpc("inference.GRPCInferenceService/Other", one).as(ANA)));
    assertEquals(
        "403 NO_MODEL",
        outcome(EnvoyRequest.grpc("inference.GRPCInferenceService/ModelInfer?x", one).as(ANA)));
    assertEquals(
        "400 REQUEST_MALFORMED",
        outcome(EnvoyRequest.grpc("grpc.health.v1.Health/../x", one)),
        "a path that others resolve");
  }

  @Test
  void callThatIsNoPost_isRefused() {
    byte[] one = EnvoyRequest.framed(0, EnvoyRequest.naming("fraud"));
    for (String method : List.of("GET", "PUT", "post")) {
      assertEquals(
          "400 REQUEST_MALFORMED",
          outcome(
              EnvoyRequest.of(method, "/inference.GRPCInferenceService/ModelInfer")
                  .header("content-type", "application/grpc")
                  .whole(one)
                  .as(ANA)),
          method);
    }
  }

  @Test
  void openCall_passesWithoutAMessage() {
    for (String method :
        List.of("inference.GRPCInferenceService/ServerLive", "grpc.health.v1.Health/Check")) {
      assertEquals(
          "200",
          outcome(EnvoyRequest.of("POST", "/" + method).header("content-type", "application/grpc")),
          method);
    }
  }

  /** Hazard 37: every model of a request. */
  @Test
  void bodyOfManyModels_passesWhenAllAreAllowed() {
    assertEquals("200", many("fraud", "fraud"));
    assertEquals("403 NO_GRANT", many("fraud", "churn"));
    assertEquals("403 NO_GRANT", many("churn", "fraud"));
    assertEquals("403 NO_MODEL", outcome(EnvoyRequest.json("/many", "{\"requests\":[]}").as(ANA)));
  }

  private String many(String one, String other) {
    String body = "{\"requests\":[{\"model\":\"%s\"},{\"model\":\"%s\"}]}".formatted(one, other);
    return outcome(EnvoyRequest.json("/many", body).as(ANA));
  }

  private String outcome(EnvoyRequest request) {
    return EnvoyTest.outcome(
        AuthorizationGrpc.newBlockingStub(bed.dataChannel())
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .check(request.build()));
  }

  private static EnvoyRequest chat(String body) {
    return EnvoyRequest.json(CHAT, body);
  }

  private static EnvoyRequest chat() {
    return EnvoyRequest.of("POST", CHAT).header("content-type", "application/json");
  }
}
