package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.identity.SetClock;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls whose caller becomes known later than they begin, or whose credential ends before them. */
final class IdentifiedCallTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final SetClock clock = new SetClock(NOW);
  private final Pending authenticator = new Pending();
  private final Echo echo = new Echo();
  private final List<TrailEvent> trail = new CopyOnWriteArrayList<>();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    ErrorMapper errors = new ErrorMapper();
    Authentication authentication =
        new Authentication(
            authenticator,
            Authentication.Unidentified.LOCAL,
            new MonotoneClock(clock),
            trail::add,
            Telemetry.NONE,
            errors);
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .addTransportFilter(authentication.connections())
            .addService(ServerInterceptors.intercept(echo, authentication.forChecks()))
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void call_withoutCredential_isLocalAndUnauthenticated() {
    CheckResponse response =
        AuthorizationServiceGrpc.newBlockingStub(channel).check(CheckRequest.getDefaultInstance());
    assertEquals("none at local", response.getReason());
  }

  @Test
  void call_whoseCallerIsKnownLater_waitsForHim() throws Exception {
    Answers<CheckResponse> answers = new Answers<>();
    stub("later").check(CheckRequest.getDefaultInstance(), answers);
    authenticator.asked("later").complete(caller("jwt:kc:ana", Micros.NEVER));
    assertEquals("jwt:kc:ana at unix", answers.next().getReason());
    assertEquals(Status.Code.OK, answers.end().getCode());
  }

  @Test
  void call_whoseCredentialIsRefusedLater_neverReachesTheHandler() throws Exception {
    Answers<CheckResponse> answers = new Answers<>();
    stub("later").check(CheckRequest.getDefaultInstance(), answers);
    authenticator.asked("later").completeExceptionally(Unauthenticated.SIGNATURE.asException());
    assertEquals(Status.Code.UNAUTHENTICATED, answers.end().getCode());
    assertEquals(0, echo.calls());
    TrailEvent event = trail.get(0);
    assertEquals(TrailEvent.Kind.LOGIN_FAILURE, event.kind());
    assertEquals("UNAUTHENTICATED", event.what());
    assertEquals("", event.credential());
    assertEquals("unix", event.peer());
    assertEquals("modelgate.v1.AuthorizationService/Check", event.method());
    assertEquals(Map.of("problem", "signature"), event.after());
  }

  @Test
  void call_whoseAuthenticatorFails_isNoAllow() throws Exception {
    Answers<CheckResponse> answers = new Answers<>();
    stub("later").check(CheckRequest.getDefaultInstance(), answers);
    authenticator.asked("later").completeExceptionally(new IllegalStateException("broken"));
    assertEquals(Status.Code.INTERNAL, answers.end().getCode());
    assertEquals(0, echo.calls());
  }

  @Test
  void call_cancelledWhileItsCallerIsUnknown_isCancelledForTheHandlerToo() throws Exception {
    Answers<StreamCheckResponse> answers = new Answers<>();
    StreamObserver<StreamCheckRequest> questions = stub("later").streamCheck(answers);
    CompletableFuture<Caller> asked = authenticator.asked("later");
    questions.onError(Status.CANCELLED.asRuntimeException());
    answers.end();
    asked.complete(caller("jwt:kc:ana", Micros.NEVER));
    assertTrue(echo.cancelled.await(10, TimeUnit.SECONDS));
  }

  @Test
  void stream_endsWithItsCredential() throws Exception {
    Answers<StreamCheckResponse> answers = new Answers<>();
    StreamObserver<StreamCheckRequest> questions = stub("later").streamCheck(answers);
    authenticator.asked("later").complete(caller("jwt:kc:ana", Micros.of(NOW.plusSeconds(60))));
    questions.onNext(StreamCheckRequest.newBuilder().setId(1).build());
    assertEquals(1, answers.next().getId());
    clock.set(NOW.plusSeconds(60));
    questions.onNext(StreamCheckRequest.newBuilder().setId(2).build());
    assertEquals(Status.Code.UNAUTHENTICATED, answers.end().getCode());
    assertTrue(echo.cancelled.await(10, TimeUnit.SECONDS));
    assertTrue(answers.values.isEmpty());
  }

  @Test
  void streamThatOnlyAnswers_sendsNothingAfterTheEndOfItsCredential() throws Exception {
    Answers<StreamCheckResponse> answers = new Answers<>();
    stub("later").streamCheck(answers);
    authenticator.asked("later").complete(caller("jwt:kc:ana", Micros.of(NOW.plusSeconds(60))));
    ServerCallStreamObserver<StreamCheckResponse> open =
        Objects.requireNonNull(echo.opened.poll(10, TimeUnit.SECONDS));
    clock.set(NOW.plusSeconds(61));
    open.onNext(StreamCheckResponse.newBuilder().setId(7).build());
    assertEquals(Status.Code.UNAUTHENTICATED, answers.end().getCode());
    assertTrue(answers.values.isEmpty());
  }

  @Test
  void token_expiredBeforeTheCallBegins_isRefused() throws Exception {
    Answers<CheckResponse> answers = new Answers<>();
    stub("later").check(CheckRequest.getDefaultInstance(), answers);
    authenticator.asked("later").complete(caller("jwt:kc:ana", Micros.of(NOW)));
    assertEquals(Status.Code.UNAUTHENTICATED, answers.end().getCode());
    assertEquals(0, echo.calls());
  }

  private AuthorizationServiceGrpc.AuthorizationServiceStub stub(String token) {
    Metadata headers = new Metadata();
    headers.put(Authentication.AUTHORIZATION, "Bearer " + token);
    return AuthorizationServiceGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private static Caller caller(String credential, long expiresAtMicros) {
    return new Caller(
        credential, Optional.empty(), Optional.empty(), List.of(), expiresAtMicros, "");
  }

  /** Knows nobody until it is told. */
  private static final class Pending implements Authenticator {
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();

    /** Holds an answer to come, and whether it is waited for. */
    private record Asked(CountDownLatch waited, CompletableFuture<Caller> answer) {
      Asked() {
        this(new CountDownLatch(1), new CompletableFuture<>());
      }
    }

    @Override
    public CompletableFuture<Caller> bearer(String token) {
      Asked question = asked.computeIfAbsent(token, t -> new Asked());
      question.waited().countDown();
      return question.answer();
    }

    @Override
    public Caller certificate(List<X509Certificate> chain) {
      throw new IllegalStateException("no connection here has a certificate");
    }

    CompletableFuture<Caller> asked(String token) throws Exception {
      Asked question = asked.computeIfAbsent(token, t -> new Asked());
      assertTrue(question.waited().await(10, TimeUnit.SECONDS), "nobody asked");
      return question.answer();
    }
  }

  /** Says who calls. */
  private static final class Echo extends AuthorizationServiceGrpc.AuthorizationServiceImplBase {
    final BlockingQueue<ServerCallStreamObserver<StreamCheckResponse>> opened =
        new LinkedBlockingQueue<>();
    final CountDownLatch cancelled = new CountDownLatch(1);
    private int calls;

    synchronized int calls() {
      return calls;
    }

    @Override
    public synchronized void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
      calls++;
      Caller caller = CallerContext.KEY.get();
      observer.onNext(
          CheckResponse.newBuilder()
              .setReason(caller.credential() + " at " + caller.peer())
              .build());
      observer.onCompleted();
    }

    @Override
    public StreamObserver<StreamCheckRequest> streamCheck(
        StreamObserver<StreamCheckResponse> observer) {
      var call = (ServerCallStreamObserver<StreamCheckResponse>) observer;
      call.setOnCancelHandler(cancelled::countDown);
      opened.add(call);
      return new StreamObserver<>() {
        @Override
        public void onNext(StreamCheckRequest request) {
          call.onNext(StreamCheckResponse.newBuilder().setId(request.getId()).build());
        }

        @Override
        public void onError(Throwable e) {}

        @Override
        public void onCompleted() {
          call.onCompleted();
        }
      };
    }
  }

  /** What the server says. */
  private static final class Answers<A> implements StreamObserver<A> {
    final BlockingQueue<A> values = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    A next() throws InterruptedException {
      A value = values.poll(10, TimeUnit.SECONDS);
      assertTrue(value != null, "no answer within 10 s");
      return value;
    }

    Status end() throws Exception {
      return end.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(A value) {
      values.add(value);
    }

    @Override
    public void onError(Throwable e) {
      end.complete(Status.fromThrowable(e));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }
  }
}
