package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.internal.Connection;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceImplBase;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CheckStreamTest {
  private static final Duration PATIENT = Duration.ofSeconds(20);

  private final ScriptedAuthorization service =
      ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW);
  private final AtomicLong nanoTime = new AtomicLong();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Sidecar sidecar;
  private int port;

  CheckStreamTest() throws IOException {
    sidecar = Sidecar.onLoopback(service);
    port = sidecar.port();
    open.add(sidecar);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @Test
  void check_many_areMatchedById() throws Exception {
    CheckStream stream = stream(PATIENT, 1_000);
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      answers.add(stream.check(about(i % 3 == 0 ? "fraud" : "churn")));
    }
    for (int i = 0; i < 500; i++) {
      assertEquals(i % 3 == 0, get(answers.get(i)).allowed(), "question " + i);
    }
    assertEquals(0, stream.inFlight());
    assertEquals(1, service.streams.size());
  }

  @Test
  void check_beyondTheWindow_isDeniedAtOnce() {
    CheckStream stream = stream(PATIENT, 2);
    CompletableFuture<Answer> first = stream.check(about("silent"));
    assertFalse(stream.check(about("silent")).isDone());
    assertEquals("WINDOW_FULL", stream.check(about("fraud")).join().reason());
    assertTrue(first.cancel(true));
    assertEquals(1, stream.inFlight());
  }

  @Test
  void check_unanswered_isDeniedByTheEventLoop_andAfterItsEndToo() throws Exception {
    ScheduledThreadPoolExecutor loop = new ScheduledThreadPoolExecutor(1);
    loop.setRemoveOnCancelPolicy(true);
    CheckStream patient = stream(PATIENT, 2, LateAnswers.on(loop));
    CompletableFuture<Answer> cancelled = patient.check(about("silent"));
    assertEquals(1, loop.getQueue().size());
    assertTrue(cancelled.cancel(true));
    assertEquals(0, loop.getQueue().size());
    assertTrue(get(patient.check(about("fraud"))).allowed());
    CheckStream stream = stream(Duration.ofMillis(20), 2, LateAnswers.on(loop));
    assertEquals("DEADLINE_EXCEEDED", get(stream.check(about("silent"))).reason());
    assertEquals(0, stream.inFlight());
    loop.shutdownNow();
    assertEquals("DEADLINE_EXCEEDED", get(stream.check(about("silent"))).reason());
  }

  @Test
  void check_unanswered_isDeniedAndLeavesTheWindow() throws Exception {
    CheckStream stream = stream(Duration.ofMillis(20), 2);
    assertEquals("DEADLINE_EXCEEDED", get(stream.check(about("silent"))).reason());
    assertEquals(0, stream.inFlight());
  }

  @Test
  void break_withQuestionsInFlight_deniesThemAndReopens() throws Exception {
    CheckStream stream = stream(PATIENT, 10);
    CompletableFuture<Answer> pending = stream.check(about("silent"));
    assertEquals("INTERNAL", get(stream.check(about("break"))).reason());
    assertEquals("INTERNAL", get(pending).reason());
    assertTrue(get(stream.check(about("fraud"))).allowed());
    assertEquals(2, service.streams.size());
  }

  @Test
  void break_again_waitsBeforeItReopens() throws Exception {
    CheckStream stream = stream(PATIENT, 10);
    get(stream.check(about("break")));
    get(stream.check(about("break")));
    assertEquals("INTERNAL", stream.check(about("fraud")).join().reason());
    assertEquals(2, service.streams.size());
    nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(10));
    assertTrue(get(stream.check(about("fraud"))).allowed());
  }

  @Test
  void restart_ofTheServer_deniesWhatIsInFlightAndIsReachedAgain() throws Exception {
    CheckStream stream = stream(PATIENT, 10);
    assertTrue(get(stream.check(about("fraud"))).allowed());
    CompletableFuture<Answer> pending = stream.check(about("silent"));
    sidecar.stop();
    Answer broken = get(pending);
    assertFalse(broken.allowed());
    // The server resets its streams before it closes the connection; either may come first.
    assertTrue(List.of("UNAVAILABLE", "CANCELLED").contains(broken.reason()), broken.reason());
    assertTrue(broken.cause().isPresent());
    open.add(Sidecar.onPort(port, service));
    assertTrue(askedUntilReached(stream).allowed());
    assertEquals(0, stream.inFlight());
  }

  @Test
  void check_ofAServerThatDoesNotRead_isBoundedInWhatItBuffers() throws Exception {
    try (Sidecar deaf = Sidecar.onLoopback(new Deaf())) {
      port = deaf.port();
      CheckStream stream = stream(Duration.ofMillis(1), 100);
      Question large =
          new Question(
              "user:ana", "fraud", "predict", List.of(), Map.of("x", "x".repeat(32 << 10)));
      int asked = 0;
      String reason = "";
      while (!reason.equals("WINDOW_FULL") && asked < 1_000) {
        reason = get(stream.check(large)).reason();
        asked++;
      }
      assertEquals("WINDOW_FULL", reason, "questions that the transport took: " + asked);
      assertEquals(0, stream.inFlight());
    }
  }

  @Test
  void check_byManyThreads_answersEachItsOwn() throws Exception {
    CheckStream stream = stream(PATIENT, 10_000);
    List<CompletableFuture<List<Answer>>> threads = new ArrayList<>();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    open.add(pool::shutdownNow);
    for (int t = 0; t < 8; t++) {
      String model = t % 2 == 0 ? "fraud" : "churn";
      threads.add(
          CompletableFuture.supplyAsync(
              () -> {
                List<CompletableFuture<Answer>> asked = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                  asked.add(stream.check(about(model)));
                }
                return asked.stream().map(CompletableFuture::join).toList();
              },
              pool));
    }
    for (int t = 0; t < 8; t++) {
      boolean allowed = t % 2 == 0;
      List<Answer> answers = threads.get(t).get(20, TimeUnit.SECONDS);
      assertEquals(500, answers.stream().filter(a -> a.allowed() == allowed).count());
      assertTrue(answers.stream().allMatch(answer -> answer.cause().isEmpty()));
    }
    assertEquals(1, service.streams.size());
  }

  @Test
  void check_whileServingACall_endsWithThatCallsDeadline() throws Exception {
    CheckStream stream = stream(PATIENT, 10);
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    open.add(timer::shutdownNow);
    try (Context.CancellableContext served =
        Context.current().withDeadlineAfter(20, TimeUnit.MILLISECONDS, timer)) {
      CompletableFuture<Answer> asked = served.call(() -> stream.check(about("silent")));
      assertEquals("DEADLINE_EXCEEDED", get(asked).reason());
    }
  }

  @Test
  void close_withQuestionsInFlight_deniesThem() throws Exception {
    CheckStream stream = stream(PATIENT, 10);
    CompletableFuture<Answer> pending = stream.check(about("silent"));
    stream.close();
    assertEquals("CANCELLED", get(pending).reason());
    assertEquals("CANCELLED", get(stream.check(about("fraud"))).reason());
  }

  @Test
  void pipelinedClient_always_usesTheStream() {
    try (ModelgateClient client =
        ModelgateClient.builder()
            .address("127.0.0.1", port)
            .deadline(PATIENT)
            .pipelined(true)
            .build()) {
      assertTrue(client.check(about("fraud")).allowed());
      assertFalse(client.check(about("churn")).allowed());
      assertEquals(0, service.requests.size());
    }
  }

  /** Until the first answer of the server itself; each break is followed by a wait. */
  private Answer askedUntilReached(CheckStream stream) throws Exception {
    long giveUpAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    Answer answer = get(stream.check(about("fraud")));
    while (answer.cause().isPresent() && System.nanoTime() < giveUpAt) {
      nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(5));
      answer = get(stream.check(about("fraud")));
    }
    return answer;
  }

  private CheckStream stream(Duration timeout, int windowMax) {
    return stream(timeout, windowMax, LateAnswers.USUAL);
  }

  private CheckStream stream(Duration timeout, int windowMax, LateAnswers late) {
    Connection connection = new Endpoint.Tcp("127.0.0.1", port).connect(Optional.empty());
    open.add(connection);
    return new CheckStream(connection.channel(), timeout, windowMax, late, nanoTime::get);
  }

  private static Question about(String model) {
    return Question.of("user:ana@acme.com", model, "predict");
  }

  private static Answer get(CompletableFuture<Answer> answer) throws Exception {
    return answer.get(20, TimeUnit.SECONDS);
  }

  /** Takes no question off the stream. */
  private static final class Deaf extends AuthorizationServiceImplBase {
    @Override
    public StreamObserver<StreamCheckRequest> streamCheck(
        StreamObserver<StreamCheckResponse> observer) {
      ((ServerCallStreamObserver<StreamCheckResponse>) observer).disableAutoRequest();
      return new StreamObserver<>() {
        @Override
        public void onNext(StreamCheckRequest request) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
      };
    }
  }
}
