package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ErrorReason;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** StreamCheck, and callers that go away. */
final class CheckStreamTest {
  private static final String CLEO = "user:cleo@acme.com";
  private static final int WAIT_SECONDS = 20;

  @TempDir Path directory;

  private SidecarBed bed;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
  }

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void stream_manyQuestions_areAllAnsweredBeforeItCompletes() throws Exception {
    Stream stream = new Stream(Integer.MAX_VALUE);
    for (int i = 0; i < 1_000; i++) {
      stream.ask(i, i % 2 == 0 ? CLEO : "user:u" + i + "@acme.com");
    }
    stream.requests().onCompleted();
    stream.awaitEnd();
    assertEquals(Status.Code.OK, stream.code());
    Set<Long> ids = new HashSet<>();
    for (StreamCheckResponse answer : stream.answers) {
      ids.add(answer.getId());
      Decision expected =
          answer.getId() % 2 == 0 ? Decision.DECISION_ALLOW : Decision.DECISION_DENY;
      assertEquals(expected, answer.getResponse().getDecision(), answer::toString);
    }
    assertEquals(1_000, ids.size());
  }

  @Test
  void stream_sameIdTwice_isAnsweredTwice() throws Exception {
    Stream stream = new Stream(Integer.MAX_VALUE);
    stream.ask(7, CLEO);
    stream.ask(7, CLEO);
    stream.requests().onCompleted();
    stream.awaitEnd();
    assertEquals(List.of(7L, 7L), stream.answers.stream().map(StreamCheckResponse::getId).toList());
  }

  @Test
  void stream_questionThatFails_isAnsweredWithItsErrorAndTheStreamGoesOn() throws Exception {
    Stream stream = new Stream(Integer.MAX_VALUE);
    stream.requests().onNext(StreamCheckRequest.newBuilder().setId(1).build());
    stream.ask(2, "nonsense");
    stream.ask(3, CLEO);
    stream.requests().onCompleted();
    stream.awaitEnd();
    for (StreamCheckResponse answer : stream.answers) {
      if (answer.getId() == 3) {
        assertEquals(Decision.DECISION_ALLOW, answer.getResponse().getDecision());
      } else {
        assertEquals(ErrorReason.ERROR_REASON_INVALID_FIELD, answer.getError().getReason());
        assertTrue(answer.getError().containsMetadata("field"), answer::toString);
      }
    }
    assertEquals(3, stream.answers.size());
  }

  @Test
  void stream_readerThatDoesNotRead_isAskedForNoMoreThanTheBound() throws Exception {
    Stream stream = new Stream(0);
    int asked = 0;
    while (stream.requests().isReady() && asked < 2_000_000) {
      stream.ask(asked++, CLEO);
    }
    assertTrue(asked < 2_000_000, "the server takes questions without end");
    stream.requests().request(asked);
    int all = asked;
    stream.await(() -> stream.answers.size() == all);
    assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
  }

  @Test
  void stream_cancelledMidway_leavesTheServerAsItWas() throws Exception {
    for (int i = 0; i < 20; i++) {
      Stream stream = new Stream(Integer.MAX_VALUE);
      for (int q = 0; q < 500; q++) {
        stream.ask(q, "user:c" + i + "x" + q + "@acme.com");
      }
      stream.requests().cancel("gone", null);
      stream.awaitEnd();
      assertEquals(Status.Code.CANCELLED, stream.code());
    }
    assertEquals("ALLOW", answerWhenFree());
  }

  @Test
  void batch_cancelledMidway_leavesTheServerAsItWas() throws Exception {
    for (int i = 0; i < 20; i++) {
      BatchCheckRequest.Builder batch = BatchCheckRequest.newBuilder();
      for (int q = 0; q < 1_000; q++) {
        batch.addItems(question("user:b" + i + "x" + q + "@acme.com"));
      }
      Context.CancellableContext caller = Context.current().withCancellation();
      caller.run(
          () -> {
            var unused =
                AuthorizationServiceGrpc.newFutureStub(bed.dataChannel()).batchCheck(batch.build());
          });
      caller.cancel(null);
    }
    assertEquals("ALLOW", answerWhenFree());
  }

  /**
   * The answer to cleo as soon as there is a place for her: requests of a stream that has gone may
   * still be on their way when nothing waits for a moment.
   */
  private String answerWhenFree() throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (true) {
      awaitNoMisses();
      try {
        return bed.answer(CLEO, SidecarBed.FRAUD, "predict");
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.RESOURCE_EXHAUSTED || System.nanoTime() >= end) {
          throw e;
        }
      }
    }
  }

  /** What waited for the store is worked off or left out: nothing holds a place for ever. */
  private void awaitNoMisses() throws Exception {
    HttpRequest metrics =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + bed.sidecar().httpPort() + "/metrics"))
            .build();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    String body;
    do {
      body = HttpClient.newHttpClient().send(metrics, HttpResponse.BodyHandlers.ofString()).body();
    } while (!body.contains("modelgate_misses_waiting 0.0") && System.nanoTime() < end);
    assertTrue(body.contains("modelgate_misses_waiting 0.0"), body);
  }

  private static CheckRequest question(String principal) {
    return CheckRequest.newBuilder()
        .setPrincipal(principal)
        .setModel(SidecarBed.FRAUD)
        .setAction("predict")
        .build();
  }

  /** One StreamCheck of this test. */
  private final class Stream
      implements ClientResponseObserver<StreamCheckRequest, StreamCheckResponse> {
    private final List<StreamCheckResponse> answers = new CopyOnWriteArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final int reads;
    private final AtomicReference<@Nullable ClientCallStreamObserver<StreamCheckRequest>> requests =
        new AtomicReference<>();

    /** Reads that many answers by itself. */
    Stream(int reads) {
      this.reads = reads;
      var unused = AuthorizationServiceGrpc.newStub(bed.dataChannel()).streamCheck(this);
    }

    ClientCallStreamObserver<StreamCheckRequest> requests() {
      return java.util.Objects.requireNonNull(requests.get());
    }

    void ask(long id, String principal) {
      requests()
          .onNext(StreamCheckRequest.newBuilder().setId(id).setCheck(question(principal)).build());
    }

    Status.Code code() {
      Throwable thrown = failure.get();
      return thrown == null ? Status.Code.OK : Status.fromThrowable(thrown).getCode();
    }

    void awaitEnd() throws InterruptedException {
      assertTrue(ended.await(WAIT_SECONDS, TimeUnit.SECONDS), "the stream does not end");
    }

    void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
      while (!condition.getAsBoolean() && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      assertTrue(condition.getAsBoolean(), () -> answers.size() + " answers");
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<StreamCheckRequest> call) {
      requests.set(call);
      call.disableAutoRequestWithInitial(reads);
    }

    @Override
    public void onNext(StreamCheckResponse answer) {
      answers.add(answer);
    }

    @Override
    public void onError(Throwable thrown) {
      failure.set(thrown);
      ended.countDown();
    }

    @Override
    public void onCompleted() {
      ended.countDown();
    }
  }
}
