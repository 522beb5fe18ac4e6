package dev.modelgate.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.modelgate.client.ScriptedAuthorization;
import dev.modelgate.client.grpc.CallRules.Asked;
import dev.modelgate.client.grpc.RequestMapper.Target;
import dev.modelgate.client.protect.Principals;
import dev.modelgate.client.protect.Protection;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.ListActionsRequest;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of a server whose interceptor goes by a protection document. */
final class DocumentInterceptorTest {
  private static final Protection PROTECTION =
      Protection.parse(
          "protect.yaml",
          """
          parent: organizations/acme
          principal: {header: x-principal}
          acting-through: [{header: x-app, trusted-hop: local}]
          grpc:
            modelgate.v1.AuthorizationService:
              Check: {action: predict, model: 2}
              StreamCheck: {action: predict, model: 2.2}
          """);

  private final ScriptedAuthorization authorization =
      new ScriptedAuthorization(
          (call, request, observer) ->
              ScriptedAuthorization.answer(
                  observer,
                  request.getModel().startsWith("organizations/acme/models/fraud")
                      ? ScriptedAuthorization.ALLOW
                      : ScriptedAuthorization.DENY));
  private final Principals principals = Principals.of(PROTECTION);
  private final ProtectedServer server;

  DocumentInterceptorTest() throws Exception {
    server =
        new ProtectedServer(
            authorization, client -> ModelgateInterceptor.of(client, PROTECTION, principals));
  }

  @AfterEach
  void stop() {
    server.close();
    principals.close();
  }

  @Test
  void unary_allowed_isAskedAsTheDocumentSays() {
    assertEquals("fraud/eu", check("fraud/eu", "user:ana").getReason());
    CheckRequest asked = authorization.requests.get(0);
    assertEquals("user:ana", asked.getPrincipal());
    assertEquals("organizations/acme/models/fraud%2Feu", asked.getModel());
    assertEquals("predict", asked.getAction());
    assertEquals(List.of("app:portal"), asked.getActingThroughList());
    assertEquals(1, authorization.requests.size());
  }

  @Test
  void unary_denied_isNotHandled() {
    assertEquals("PERMISSION_DENIED NO_GRANT", refusal("churn", "user:ana"));
    assertEquals(List.of(), server.handled);
  }

  @Test
  void unary_withoutModel_orWithoutRule_isDeniedUnasked() {
    assertEquals("PERMISSION_DENIED NO_MODEL", refusal("", "user:ana"));
    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                AuthorizationServiceGrpc.newBlockingStub(server.through("app:portal", "user:ana"))
                    .listActions(ListActionsRequest.getDefaultInstance()));
    assertEquals("PERMISSION_DENIED NO_MODEL", refusal(failure));
    assertEquals(0, authorization.requests.size());
  }

  @Test
  void unary_ofAModelThatNoResourceCanHave_isMalformed() {
    assertEquals("INVALID_ARGUMENT REQUEST_MALFORMED", refusal("..", "user:ana"));
  }

  @Test
  void unary_whoseCallerIsNotProven_isUnauthenticated() {
    assertEquals("UNAUTHENTICATED UNAUTHENTICATED", refusal("fraud"));
    assertEquals("UNAUTHENTICATED UNAUTHENTICATED", refusal("fraud", "user:ana", "user:ana"));
    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                AuthorizationServiceGrpc.newBlockingStub(server.as("user:ana"))
                    .check(about("fraud")));
    assertEquals("UNAUTHENTICATED UNAUTHENTICATED", refusal(failure), "without the link between");
    assertEquals(0, authorization.requests.size());
  }

  @Test
  void health_withoutPrincipal_passes() {
    HealthGrpc.newBlockingStub(server.as()).check(HealthCheckRequest.getDefaultInstance());
    assertEquals(0, authorization.requests.size());
  }

  @Test
  void stream_eachMessage_isJudgedByItself() throws Exception {
    assertEquals("PERMISSION_DENIED NO_GRANT", streamEnd("fraud", "churn"));
    assertEquals("PERMISSION_DENIED NO_MODEL", streamEnd("fraud", ""));
    assertEquals("1 fraud", server.handled.get(0));
    assertEquals("OK", streamEnd("fraud", "fraud2"));
  }

  @Test
  void message_thatTheHandlerGetsAsBytes_isScanned() {
    DocumentRules rules = new DocumentRules(PROTECTION, principals);
    String method = "modelgate.v1.AuthorizationService/Check";
    byte[] good = about("fraud").toByteArray();
    Asked expected = Asked.of(List.of(new Target("organizations/acme/models/fraud", "predict")));
    assertEquals(expected, rules.read(method, about("fraud"), true));
    assertEquals(expected, rules.read(method, good, true));
    assertEquals(expected, rules.read(method, ByteString.copyFrom(good), true));
    assertEquals(expected, rules.read(method, ByteBuffer.wrap(good), true));
    ByteString twice = ByteString.copyFrom(good).concat(about("churn").toByteString());
    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        rules.read(method, twice, true).denial().orElseThrow().status().getCode());
    assertEquals(
        Status.Code.PERMISSION_DENIED,
        rules.read(method, "fraud", true).denial().orElseThrow().status().getCode(),
        "neither parsed nor bytes");
    assertEquals(
        Status.Code.PERMISSION_DENIED,
        rules
            .read(method, StreamCheckRequest.getDefaultInstance(), true)
            .denial()
            .orElseThrow()
            .status()
            .getCode(),
        "a message of another type");
  }

  /** How a stream of questions about those models ends. */
  private String streamEnd(String... models) throws InterruptedException {
    BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    StreamObserver<StreamCheckRequest> requests =
        AuthorizationServiceGrpc.newStub(server.through("app:portal", "user:ana"))
            .streamCheck(
                new StreamObserver<>() {
                  @Override
                  public void onNext(StreamCheckResponse response) {}

                  @Override
                  public void onError(Throwable failure) {
                    ends.add(refusal((StatusRuntimeException) failure));
                  }

                  @Override
                  public void onCompleted() {
                    ends.add("OK");
                  }
                });
    for (int i = 0; i < models.length; i++) {
      requests.onNext(
          StreamCheckRequest.newBuilder().setId(i + 1).setCheck(about(models[i])).build());
    }
    requests.onCompleted();
    return String.valueOf(ends.poll(20, TimeUnit.SECONDS));
  }

  private CheckResponse check(String model, String... principals) {
    return AuthorizationServiceGrpc.newBlockingStub(server.through("app:portal", principals))
        .check(about(model));
  }

  private String refusal(String model, String... callers) {
    return refusal(assertThrows(StatusRuntimeException.class, () -> check(model, callers)));
  }

  private static String refusal(StatusRuntimeException failure) {
    try {
      return failure.getStatus().getCode()
          + " "
          + StatusProto.fromThrowable(failure).getDetails(0).unpack(ErrorInfo.class).getReason();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CheckRequest about(String model) {
    return CheckRequest.newBuilder().setModel(model).build();
  }
}
