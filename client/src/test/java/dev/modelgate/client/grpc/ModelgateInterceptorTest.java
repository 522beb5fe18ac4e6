package dev.modelgate.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.Sidecar;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceImplBase;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The protected prediction server speaks the contract's own messages, which saves a proto. */
final class ModelgateInterceptorTest {
  private static final Metadata.Key<String> PRINCIPAL =
      Metadata.Key.of("x-principal", Metadata.ASCII_STRING_MARSHALLER);

  private final List<String> checked = new CopyOnWriteArrayList<>();
  private final List<String> handled = new CopyOnWriteArrayList<>();
  private Sidecar sidecar = start(new FakeSidecar());
  private ModelgateClient client = connect(sidecar);
  private Sidecar server = serve(client);
  private ManagedChannel channel =
      NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();

  @BeforeEach
  void setUp() {
    handled.clear();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
    client.close();
    sidecar.close();
  }

  @Test
  void unary_allowed_isHandled() {
    assertEquals("fraud", predict("user:ana", "fraud"));
    assertEquals(List.of("user:ana fraud predict"), checked);
  }

  @Test
  void unary_denied_isNotHandled() {
    Status status = refusal("user:ana", "churn");
    assertEquals(Status.Code.PERMISSION_DENIED, status.getCode());
    assertEquals("NO_GRANT", status.getDescription());
    assertEquals(List.of(), handled);
  }

  @Test
  void unary_withoutPrincipal_isUnauthenticated() {
    assertEquals(Status.Code.UNAUTHENTICATED, refusal("", "fraud").getCode());
    assertEquals(List.of(), checked);
  }

  @Test
  void unary_withoutModelOrFailingMapper_isDenied() {
    for (String model : List.of("", "throw")) {
      assertEquals(Status.Code.PERMISSION_DENIED, refusal("user:ana", model).getCode(), model);
    }
    assertEquals(List.of(), handled);
  }

  @Test
  void unary_malformedForTheSidecar_isDenied() {
    assertEquals(Status.Code.PERMISSION_DENIED, refusal("user:ana", "malformed").getCode());
  }

  @Test
  void unary_sidecarDown_isUnavailable() {
    sidecar.close();
    Status status = refusal("user:ana", "fraud");
    assertEquals(Status.Code.UNAVAILABLE, status.getCode());
    assertEquals("authorization unavailable", status.getDescription());
    assertEquals(List.of(), handled);
  }

  @Test
  void unmappedMethod_always_isDenied() {
    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                AuthorizationServiceGrpc.newBlockingStub(as("user:ana"))
                    .listActions(dev.modelgate.v1.ListActionsRequest.getDefaultInstance()));
    assertEquals(Status.Code.PERMISSION_DENIED, failure.getStatus().getCode());
  }

  @Test
  void health_withoutPrincipal_passes() {
    HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
    assertEquals(List.of(), checked);
  }

  @Test
  void stream_eachModel_isCheckedInOrder() throws Exception {
    Received received = new Received();
    StreamObserver<StreamCheckRequest> requests =
        AuthorizationServiceGrpc.newStub(as("user:ana")).streamCheck(received);
    for (int i = 0; i < 20; i++) {
      requests.onNext(message(i, i % 2 == 0 ? "fraud" : ""));
    }
    requests.onCompleted();
    assertEquals("OK", received.end());
    assertEquals(20, handled.size());
    for (int i = 0; i < 20; i++) {
      assertEquals(i + (i % 2 == 0 ? " fraud" : " "), handled.get(i));
    }
    assertEquals(10, checked.size());
  }

  @Test
  void stream_laterDenial_endsItBeforeTheMessage() throws Exception {
    Received received = new Received();
    StreamObserver<StreamCheckRequest> requests =
        AuthorizationServiceGrpc.newStub(as("user:ana")).streamCheck(received);
    requests.onNext(message(1, "fraud"));
    requests.onNext(message(2, "churn"));
    requests.onNext(message(3, "fraud"));
    assertEquals("PERMISSION_DENIED", received.end());
    assertTrue(handled.stream().noneMatch(each -> each.startsWith("2") || each.startsWith("3")));
  }

  @Test
  void stream_withoutAnyMessage_isDeniedAndNotHandled() throws Exception {
    Received received = new Received();
    AuthorizationServiceGrpc.newStub(as("user:ana")).streamCheck(received).onCompleted();
    assertEquals("PERMISSION_DENIED", received.end());
    assertEquals(List.of(), handled);
  }

  private String predict(String principal, String model) {
    return AuthorizationServiceGrpc.newBlockingStub(as(principal))
        .check(CheckRequest.newBuilder().setModel(model).build())
        .getReason();
  }

  private Status refusal(String principal, String model) {
    return assertThrows(StatusRuntimeException.class, () -> predict(principal, model)).getStatus();
  }

  private io.grpc.Channel as(String principal) {
    Metadata headers = new Metadata();
    if (!principal.isEmpty()) {
      headers.put(PRINCIPAL, principal);
    }
    return io.grpc.ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static StreamCheckRequest message(int id, String model) {
    return StreamCheckRequest.newBuilder()
        .setId(id)
        .setCheck(CheckRequest.newBuilder().setModel(model))
        .build();
  }

  private static Sidecar start(io.grpc.BindableService service) {
    try {
      return Sidecar.onLoopback(service);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static ModelgateClient connect(Sidecar sidecar) {
    return ModelgateClient.builder()
        .address("127.0.0.1", sidecar.port())
        .deadline(Duration.ofSeconds(20))
        .build();
  }

  private Sidecar serve(ModelgateClient client) {
    RequestMapper mapper =
        RequestMapper.byMethod()
            .check(
                "modelgate.v1.AuthorizationService/Check",
                CheckRequest.class,
                request -> {
                  if (request.getModel().equals("throw")) {
                    throw new IllegalStateException("a mapper that fails");
                  }
                  return request.getModel();
                },
                "predict")
            .check(
                "modelgate.v1.AuthorizationService/StreamCheck",
                StreamCheckRequest.class,
                request -> request.getCheck().getModel(),
                "predict")
            .build();
    ModelgateInterceptor interceptor =
        ModelgateInterceptor.builder(
                client, PrincipalExtractor.trustedHeader("x-principal"), mapper)
            .build();
    try {
      return Sidecar.onLoopback(
          () -> ServerInterceptors.intercept(new Predictions(), interceptor),
          () ->
              ServerInterceptors.intercept(
                  new HealthStatusManager().getHealthService(), interceptor));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Allows fraud, refuses malformed, denies the rest. */
  private final class FakeSidecar extends AuthorizationServiceImplBase {
    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
      checked.add(request.getPrincipal() + " " + request.getModel() + " " + request.getAction());
      if (request.getModel().equals("malformed")) {
        observer.onError(Status.INVALID_ARGUMENT.asRuntimeException());
        return;
      }
      boolean allow = request.getModel().equals("fraud");
      observer.onNext(
          CheckResponse.newBuilder()
              .setDecision(allow ? Decision.DECISION_ALLOW : Decision.DECISION_DENY)
              .setReason(allow ? "" : "NO_GRANT")
              .build());
      observer.onCompleted();
    }
  }

  /** The protected server: answers with the model's name. */
  private final class Predictions extends AuthorizationServiceImplBase {
    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
      handled.add(request.getModel());
      observer.onNext(CheckResponse.newBuilder().setReason(request.getModel()).build());
      observer.onCompleted();
    }

    @Override
    public StreamObserver<StreamCheckRequest> streamCheck(
        StreamObserver<StreamCheckResponse> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(StreamCheckRequest request) {
          handled.add(request.getId() + " " + request.getCheck().getModel());
          observer.onNext(StreamCheckResponse.newBuilder().setId(request.getId()).build());
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
          observer.onCompleted();
        }
      };
    }
  }

  /** How a stream ends. */
  private static final class Received implements StreamObserver<StreamCheckResponse> {
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

    String end() throws InterruptedException {
      return String.valueOf(ends.poll(20, TimeUnit.SECONDS));
    }

    @Override
    public void onNext(StreamCheckResponse response) {}

    @Override
    public void onError(Throwable failure) {
      ends.add(Status.fromThrowable(failure).getCode().name());
    }

    @Override
    public void onCompleted() {
      ends.add("OK");
    }
  }
}
