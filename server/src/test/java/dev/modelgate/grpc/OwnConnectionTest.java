package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.AdminToken;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.Actions;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.identity.Identity;
import dev.modelgate.identity.IdentitySettings;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.LookupResourcesRequest;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A process that asks its own data plane: who it is to that, and on which threads it is answered.
 */
@Timeout(60)
final class OwnConnectionTest {
  private static final String HIT = "hit";
  private static final String HELD = "held";
  private static final String OTHER_THREAD = "other";

  private final AdminPlane plane = new AdminPlane().withAcme();
  private final ExecutorService answering = Executors.newFixedThreadPool(4);
  private final CountDownLatch release = new CountDownLatch(1);
  private final Set<Thread> asking = ConcurrentHashMap.newKeySet();
  private final ErrorMapper errors = new ErrorMapper();

  /** Stands for an event loop. */
  private final Loop loop = new Loop();

  private final GrpcServers servers =
      GrpcServers.start(
          new ServerSettings(
              "127.0.0.1",
              0,
              InsecureServerCredentials.create(),
              Optional.empty(),
              "127.0.0.1",
              0,
              InsecureServerCredentials.create(),
              Duration.ofSeconds(1)),
          List.of(
              new AuthorizationGrpcService(new Threads(), plane.lookups(), Runnable::run, errors)),
          List.of(),
          new Authentication(
              new Identity(AdminToken.NONE, IdentitySettings.NONE, plane.clock, Telemetry.NONE),
              CallerRules.NONE,
              Authentication.Unidentified.NEVER,
              plane.clock,
              plane.trail::add,
              Telemetry.NONE,
              errors),
          Bounds.DEFAULT);

  private final ManagedChannel own = servers.connectOwn(loop);

  @AfterEach
  void stop() {
    release.countDown();
    own.shutdownNow();
    servers.close();
    answering.shutdownNow();
    loop.thread.shutdownNow();
    plane.close();
  }

  /** By their action: at once, on other threads, or there when they are released. */
  private final class Threads implements Authorizer {
    @Override
    public void check(Question question, AnswerSink sink) {
      asking.add(Thread.currentThread());
      Answer answer = new Answer("", "", Set.of(), "r", Micros.NEVER);
      if (question.action().equals(HIT)) {
        sink.answered(answer);
        return;
      }
      answering.execute(
          () -> {
            try {
              if (question.action().equals(HELD)) {
                release.await();
              }
              sink.answered(answer);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }

    @Override
    public Actions listActions(Question question) {
      throw new UnsupportedOperationException();
    }
  }

  /** One thread that runs at once what comes from itself, as the gateway's event loops do. */
  private static final class Loop implements java.util.concurrent.Executor {
    private final CompletableFuture<Thread> own = new CompletableFuture<>();
    private final ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread made = new Thread(task);
              own.complete(made);
              return made;
            });

    @Override
    public void execute(Runnable task) {
      if (Thread.currentThread().equals(own.getNow(null))) {
        task.run();
      } else {
        thread.execute(task);
      }
    }
  }

  private ModelgateClient client() {
    return client(Duration.ofSeconds(30));
  }

  private ModelgateClient client(Duration deadline) {
    return ModelgateClient.builder().channel(own).deadline(deadline).pipelined(true).build();
  }

  private static CheckRequest request() {
    return CheckRequest.newBuilder()
        .setPrincipal("user:ana@acme.com")
        .setModel(AdminPlane.FRAUD)
        .setAction(HIT)
        .build();
  }

  private static dev.modelgate.client.Question question(String action) {
    return dev.modelgate.client.Question.of("user:ana@acme.com", AdminPlane.FRAUD, action);
  }

  private <T> T onLoop(java.util.concurrent.Callable<T> task) throws Exception {
    return loop.thread.submit(task).get(30, TimeUnit.SECONDS);
  }

  @Test
  void process_needsNoCredentialForChecks_whereEverybodyElseDoes() {
    assertEquals("r", AuthorizationServiceGrpc.newBlockingStub(own).check(request()).getRevision());
    ManagedChannel other =
        NettyChannelBuilder.forAddress(
                "127.0.0.1", servers.dataPort(), InsecureChannelCredentials.create())
            .build();
    assertUnauthenticated(AuthorizationServiceGrpc.newBlockingStub(other));
    other.shutdownNow();
  }

  @Test
  void credential_thatTheProcessShows_mustBeGoodAllTheSame() {
    Metadata headers = new Metadata();
    headers.put(Authentication.AUTHORIZATION, "Bearer bad");
    assertUnauthenticated(
        AuthorizationServiceGrpc.newBlockingStub(own)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers)));
  }

  @Test
  void listings_needACredentialOfTheProcessToo() {
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                AuthorizationServiceGrpc.newBlockingStub(own)
                    .lookupResources(LookupResourcesRequest.getDefaultInstance()));
    assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
  }

  private static void assertUnauthenticated(
      AuthorizationServiceGrpc.AuthorizationServiceBlockingStub stub) {
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> stub.check(request()));
    assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
  }

  @Test
  void hit_isAnsweredBeforeTheQuestionReturns_onTheThreadThatAsks() throws Exception {
    try (ModelgateClient client = client()) {
      // The first opens the stream, which gRPC may do elsewhere.
      assertTrue(client.check(question(HIT)).allowed());
      asking.clear();
      assertTrue(onLoop(() -> client.checkFuture(question(HIT)).isDone()));
      assertEquals(Set.of(loop.own.join()), asking);
    }
  }

  @Test
  void miss_holdsUpNeitherTheLoopNorOtherQuestions_andIsHeardOnTheLoop() throws Exception {
    try (ModelgateClient client = client()) {
      CompletableFuture<Thread> heard =
          onLoop(
              () -> client.checkFuture(question(HELD)).thenApply(answer -> Thread.currentThread()));
      assertTrue(onLoop(() -> client.checkFuture(question(HIT))).get().allowed());
      assertFalse(heard.isDone());
      release.countDown();
      assertEquals(loop.own.join(), heard.get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void miss_thatIsNotAnsweredInTime_isADenial_andItsAnswerComesToNothing() throws Exception {
    try (ModelgateClient hasty = client(Duration.ofMillis(20))) {
      CompletableFuture<dev.modelgate.client.Answer> late =
          onLoop(() -> hasty.checkFuture(question(HELD)));
      assertFalse(late.get(30, TimeUnit.SECONDS).allowed());
      assertEquals("DEADLINE_EXCEEDED", late.join().reason());
      release.countDown();
      assertTrue(onLoop(() -> hasty.checkFuture(question(HIT))).get().allowed());
    }
  }

  @Test
  void miss_thatIsGivenUp_isForgotten() throws Exception {
    try (ModelgateClient client = client()) {
      CompletableFuture<dev.modelgate.client.Answer> givenUp =
          onLoop(() -> client.checkFuture(question(HELD)));
      assertTrue(givenUp.cancel(false));
      release.countDown();
      assertTrue(onLoop(() -> client.checkFuture(question(HIT))).get().allowed());
    }
  }

  /** The asking thread holds the client's lock into the server, the answering ones the server's. */
  @Test
  void manyThreads_thatAnswerWhileTheLoopAsks_waitForNobody() throws Exception {
    try (ModelgateClient client = client()) {
      assertTrue(client.check(question(HIT)).allowed());
      for (int round = 0; round < 50; round++) {
        List<CompletableFuture<dev.modelgate.client.Answer>> answers =
            onLoop(
                () -> {
                  List<CompletableFuture<dev.modelgate.client.Answer>> asked = new ArrayList<>();
                  for (int i = 0; i < 200; i++) {
                    asked.add(client.checkFuture(question(i % 2 == 0 ? OTHER_THREAD : HIT)));
                  }
                  return asked;
                });
        for (CompletableFuture<dev.modelgate.client.Answer> answer : answers) {
          assertTrue(answer.get(30, TimeUnit.SECONDS).allowed());
        }
      }
    }
  }

  @Test
  void dataPlane_thatHasStopped_isAnsweredByNobody_andTakesNoConnection() {
    try (ModelgateClient client = client()) {
      assertTrue(client.check(question(HIT)).allowed());
      servers.close();
      dev.modelgate.client.Answer answer = client.check(question(HIT));
      assertFalse(answer.allowed());
      assertTrue(answer.cause().isPresent());
      assertThrows(IllegalStateException.class, () -> servers.connectOwn(loop));
    }
  }
}
