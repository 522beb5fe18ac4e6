package dev.modelgate.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import dev.modelgate.client.ScriptedAuthorization;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a refused call ends: its status, its description and the one ErrorInfo in its trailers. */
final class RefusalTest {
  private static final Duration PATIENT = Duration.ofSeconds(20);

  private final List<ProtectedServer> servers = new ArrayList<>();

  private record Refusal(Status.Code code, String description, String reason) {}

  @AfterEach
  void stop() {
    servers.forEach(ProtectedServer::close);
  }

  @Test
  void denial_always_hasItsReason() throws Exception {
    assertEquals(
        new Refusal(Status.Code.PERMISSION_DENIED, "NO_GRANT", "NO_GRANT"),
        refusal(server(ScriptedAuthorization.byName()), "churn"));
  }

  @Test
  void conditional_always_isDenied() throws Exception {
    CheckResponse conditional =
        CheckResponse.newBuilder().setDecision(Decision.DECISION_CONDITIONAL).build();
    assertEquals(
        new Refusal(Status.Code.PERMISSION_DENIED, "CONDITIONAL", "CONDITIONAL"),
        refusal(server(ScriptedAuthorization.answering(conditional)), "fraud"));
  }

  @Test
  void malformedName_always_isDenied() throws Exception {
    Refusal refusal = refusal(server(ScriptedAuthorization.byName()), "malformed");
    assertEquals(Status.Code.PERMISSION_DENIED, refusal.code());
    assertEquals("INVALID_ARGUMENT", refusal.reason());
  }

  @Test
  void sidecar_thatCannotAnswer_isUnavailable() throws Exception {
    Refusal unavailable =
        new Refusal(
            Status.Code.UNAVAILABLE, "authorization unavailable", "AUTHORIZATION_UNAVAILABLE");
    ProtectedServer late =
        keep(
            new ProtectedServer(
                ScriptedAuthorization.byName(),
                Duration.ofMillis(20),
                ProtectedServer.HEADER,
                ProtectedServer.MAPPER));
    assertEquals(unavailable, refusal(late, "silent"), "a check that times out");
    ProtectedServer unspecified =
        server(ScriptedAuthorization.answering(CheckResponse.getDefaultInstance()));
    assertEquals(unavailable, refusal(unspecified, "fraud"), "a decision that is unspecified");
    ProtectedServer down = server(ScriptedAuthorization.byName());
    down.stopSidecar();
    assertEquals(unavailable, refusal(down, "fraud"), "no sidecar");
  }

  @Test
  void principal_missingEmptyOrTwice_isUnauthenticated() throws Exception {
    ScriptedAuthorization authorization = ScriptedAuthorization.byName();
    ProtectedServer server = server(authorization);
    Refusal nobody =
        new Refusal(Status.Code.UNAUTHENTICATED, "no authenticated principal", "UNAUTHENTICATED");
    assertEquals(nobody, refusal(server, "fraud", new String[0]));
    assertEquals(nobody, refusal(server, "fraud", ""));
    assertEquals(nobody, refusal(server, "fraud", "user:ana", "user:ben"));
    assertEquals(nobody, refusal(server, "fraud", "user:ana", "user:ana"));
    assertEquals(0, authorization.requests.size());
  }

  @Test
  void extractor_thatThrowsOrKnowsNobody_isUnauthenticatedAndLogged() throws Exception {
    PrincipalExtractor throwing =
        (headers, attributes) -> {
          throw new IllegalStateException("an extractor that fails");
        };
    try (CapturedLog log = new CapturedLog()) {
      assertEquals("UNAUTHENTICATED", refusal(extracting(throwing), "fraud").reason());
      log.await("the principal of a call could not be extracted");
      assertEquals(
          "UNAUTHENTICATED", refusal(extracting((h, a) -> Optional.empty()), "fraud").reason());
      log.await("a call of `modelgate.v1.AuthorizationService/Check` proves no principal");
    }
  }

  @Test
  void mapper_thatThrowsOrNamesNoModel_isDeniedAndLogged() throws Exception {
    ScriptedAuthorization authorization = ScriptedAuthorization.byName();
    ProtectedServer server = server(authorization);
    Refusal unmapped =
        new Refusal(Status.Code.PERMISSION_DENIED, "the request names no model", "NO_MODEL");
    try (CapturedLog log = new CapturedLog()) {
      assertEquals(unmapped, refusal(server, "throw"));
      log.await("a request of `modelgate.v1.AuthorizationService/Check` could not be mapped");
      assertEquals(unmapped, refusal(server, ""));
      log.await("a request of `modelgate.v1.AuthorizationService/Check` names no model");
    }
    assertEquals(0, authorization.requests.size());
  }

  private ProtectedServer server(ScriptedAuthorization authorization) throws Exception {
    return keep(new ProtectedServer(authorization));
  }

  private ProtectedServer extracting(PrincipalExtractor extractor) throws Exception {
    return keep(
        new ProtectedServer(
            ScriptedAuthorization.byName(), PATIENT, extractor, ProtectedServer.MAPPER));
  }

  private ProtectedServer keep(ProtectedServer server) {
    servers.add(server);
    return server;
  }

  private static Refusal refusal(ProtectedServer server, String model) throws Exception {
    return refusal(server, model, "user:ana");
  }

  /** How a call ends, which reached no handler. */
  private static Refusal refusal(ProtectedServer server, String model, String... principals)
      throws Exception {
    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                AuthorizationServiceGrpc.newBlockingStub(server.as(principals))
                    .check(CheckRequest.newBuilder().setModel(model).build()));
    assertEquals(List.of(), server.handled);
    com.google.rpc.Status details = StatusProto.fromThrowable(failure);
    assertTrue(details != null && details.getDetailsCount() == 1, String.valueOf(details));
    ErrorInfo info = details.getDetails(0).unpack(ErrorInfo.class);
    assertEquals("modelgate.dev", info.getDomain());
    return new Refusal(
        failure.getStatus().getCode(),
        String.valueOf(failure.getStatus().getDescription()),
        info.getReason());
  }
}
