package dev.modelgate.client.grpc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.ScriptedAuthorization;
import dev.modelgate.client.Sidecar;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceImplBase;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerInterceptors;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A prediction server behind the interceptor, its scripted sidecar and its caller, all over real
 * connections. It speaks the contract's own messages, which saves a proto.
 */
final class ProtectedServer implements AutoCloseable {
  static final PrincipalExtractor HEADER = PrincipalExtractor.trustedHeader("x-principal");

  /** Fails on the model {@code throw}. */
  static final RequestMapper MAPPER =
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

  private static final Metadata.Key<String> PRINCIPAL =
      Metadata.Key.of("x-principal", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> APP =
      Metadata.Key.of("x-app", Metadata.ASCII_STRING_MARSHALLER);

  /** What the prediction server was given: models of calls, ids and models of streams. */
  final List<String> handled = new CopyOnWriteArrayList<>();

  private final CountDownLatch cancelled = new CountDownLatch(1);

  private final Sidecar sidecar;
  private final ModelgateClient client;
  private final Sidecar server;
  private final ManagedChannel channel;

  ProtectedServer(ScriptedAuthorization authorization) throws IOException {
    this(authorization, Duration.ofSeconds(20), HEADER, MAPPER);
  }

  ProtectedServer(
      ScriptedAuthorization authorization,
      Duration deadline,
      PrincipalExtractor extractor,
      RequestMapper mapper)
      throws IOException {
    this(
        authorization,
        deadline,
        client -> ModelgateInterceptor.builder(client, extractor, mapper).build());
  }

  ProtectedServer(
      ScriptedAuthorization authorization,
      Function<ModelgateClient, ModelgateInterceptor> interceptors)
      throws IOException {
    this(authorization, Duration.ofSeconds(20), interceptors);
  }

  private ProtectedServer(
      ScriptedAuthorization authorization,
      Duration deadline,
      Function<ModelgateClient, ModelgateInterceptor> interceptors)
      throws IOException {
    sidecar = Sidecar.onLoopback(authorization);
    // The scripted sidecar says nothing of its own accord.
    client =
        ModelgateClient.builder()
            .address("127.0.0.1", sidecar.port())
            .deadline(deadline)
            .watchSilence(Duration.ofMinutes(1))
            .build();
    ModelgateInterceptor interceptor = interceptors.apply(client);
    server =
        Sidecar.onLoopback(
            () -> ServerInterceptors.intercept(new Predictions(), interceptor),
            () ->
                ServerInterceptors.intercept(
                    new HealthStatusManager().getHealthService(), interceptor));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  /** A channel whose calls carry these values of the header. */
  Channel as(String... principals) {
    Metadata headers = new Metadata();
    for (String principal : principals) {
      headers.put(PRINCIPAL, principal);
    }
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** The same, through an app. */
  Channel through(String app, String... principals) {
    Metadata headers = new Metadata();
    headers.put(APP, app);
    return ClientInterceptors.intercept(
        as(principals), MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Waits until the handler of a stream hears that it is cancelled. */
  void awaitCancellation() throws InterruptedException {
    assertTrue(cancelled.await(20, TimeUnit.SECONDS));
  }

  void stopSidecar() {
    sidecar.close();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.close();
    client.close();
    sidecar.close();
  }

  /** Answers a call with its model's name, and each message of a stream with its id. */
  private final class Predictions extends AuthorizationServiceImplBase {
    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
      handled.add(request.getModel());
      if (request.getModel().equals("fails")) {
        throw new IllegalStateException("a handler that fails");
      }
      observer.onNext(CheckResponse.newBuilder().setReason(request.getModel()).build());
      observer.onCompleted();
    }

    @Override
    public StreamObserver<StreamCheckRequest> streamCheck(
        StreamObserver<StreamCheckResponse> observer) {
      ((ServerCallStreamObserver<StreamCheckResponse>) observer)
          .setOnCancelHandler(
              () -> {
                handled.add("cancelled");
                cancelled.countDown();
              });
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
          handled.add("half-closed");
          observer.onCompleted();
        }
      };
    }
  }
}
