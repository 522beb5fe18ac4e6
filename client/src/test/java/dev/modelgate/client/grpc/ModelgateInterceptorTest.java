package dev.modelgate.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.modelgate.client.ScriptedAuthorization;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.ListActionsRequest;
import io.grpc.Grpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Single calls: who is let through to the handler, and when. */
final class ModelgateInterceptorTest {
  private final ScriptedAuthorization authorization = ScriptedAuthorization.byName();
  private final ProtectedServer server;

  ModelgateInterceptorTest() throws Exception {
    server = new ProtectedServer(authorization);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void unary_allowed_isHandled() {
    assertEquals("fraud", predict("user:ana", "fraud"));
    CheckRequest asked = authorization.requests.get(0);
    assertEquals("user:ana", asked.getPrincipal());
    assertEquals("fraud", asked.getModel());
    assertEquals("predict", asked.getAction());
    assertEquals(1, authorization.requests.size());
  }

  @Test
  void unary_denied_isNotHandled() {
    assertEquals(Status.Code.PERMISSION_DENIED, refusal("user:ana", "churn").getCode());
    assertEquals(List.of(), server.handled);
  }

  @Test
  void unary_pending_isHandledOnceAndOnlyAfterTheVerdict() throws Exception {
    BlockingQueue<StreamObserver<CheckResponse>> pending = new LinkedBlockingQueue<>();
    try (ProtectedServer slow =
        new ProtectedServer(new ScriptedAuthorization((call, request, o) -> pending.add(o)))) {
      Future<CheckResponse> answer =
          AuthorizationServiceGrpc.newFutureStub(slow.as("user:ana")).check(about("fraud"));
      StreamObserver<CheckResponse> check = pending.poll(20, TimeUnit.SECONDS);
      assertEquals(List.of(), slow.handled);
      ScriptedAuthorization.answer(check, ScriptedAuthorization.ALLOW);
      assertEquals("fraud", answer.get(20, TimeUnit.SECONDS).getReason());
      assertEquals(List.of("fraud"), slow.handled);
    }
  }

  @Test
  void peer_asPrincipal_isAsked() throws Exception {
    PrincipalExtractor peer =
        (headers, attributes) ->
            Optional.ofNullable(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))
                .map(address -> "app:" + ((InetSocketAddress) address).getHostString());
    try (ProtectedServer byPeer =
        new ProtectedServer(authorization, Duration.ofSeconds(20), peer, ProtectedServer.MAPPER)) {
      AuthorizationServiceGrpc.newBlockingStub(byPeer.as()).check(about("fraud"));
      assertEquals("app:127.0.0.1", authorization.requests.get(0).getPrincipal());
    }
  }

  @Test
  void unmappedMethod_always_isDenied() {
    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                AuthorizationServiceGrpc.newBlockingStub(server.as("user:ana"))
                    .listActions(ListActionsRequest.getDefaultInstance()));
    assertEquals(Status.Code.PERMISSION_DENIED, failure.getStatus().getCode());
    assertEquals(0, authorization.requests.size());
  }

  @Test
  void mapper_ofSeveralTargets_needsAllOfThem() throws Exception {
    RequestMapper both =
        (method, message) ->
            List.of(
                new RequestMapper.Target("fraud", "predict"),
                new RequestMapper.Target(((CheckRequest) message).getModel(), "predict"));
    try (ProtectedServer strict =
        new ProtectedServer(authorization, Duration.ofSeconds(20), ProtectedServer.HEADER, both)) {
      var stub = AuthorizationServiceGrpc.newBlockingStub(strict.as("user:ana"));
      assertEquals("fraud", stub.check(about("fraud")).getReason());
      assertThrows(StatusRuntimeException.class, () -> stub.check(about("churn")));
    }
  }

  @Test
  void health_withoutPrincipal_passes() {
    HealthGrpc.newBlockingStub(server.as()).check(HealthCheckRequest.getDefaultInstance());
    assertEquals(0, authorization.requests.size());
  }

  @Test
  void handler_thatThrows_endsTheCallAndIsLogged() throws Exception {
    try (ProtectedServer failing =
            new ProtectedServer(ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW));
        CapturedLog log = new CapturedLog()) {
      StatusRuntimeException failure =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  ClientCalls.blockingUnaryCall(
                      failing.as("user:ana"),
                      AuthorizationServiceGrpc.getCheckMethod(),
                      io.grpc.CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                      about("fails")));
      assertEquals(Status.Code.UNKNOWN, failure.getStatus().getCode());
      log.await("a handler of `modelgate.v1.AuthorizationService/Check` threw");
    }
  }

  private String predict(String principal, String model) {
    return AuthorizationServiceGrpc.newBlockingStub(server.as(principal))
        .check(about(model))
        .getReason();
  }

  private Status refusal(String principal, String model) {
    return assertThrows(StatusRuntimeException.class, () -> predict(principal, model)).getStatus();
  }

  private static CheckRequest about(String model) {
    return CheckRequest.newBuilder().setModel(model).build();
  }
}
