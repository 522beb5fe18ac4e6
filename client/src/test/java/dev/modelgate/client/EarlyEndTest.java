package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that end before their answer: cancelled, closed, or by another deadline. */
final class EarlyEndTest {
  private static final Question FRAUD = Question.of("user:ana@acme.com", "fraud", "predict");
  private static final Question SILENT = Question.of("user:ana@acme.com", "silent", "predict");
  private static final Duration PATIENT = Duration.ofSeconds(20);

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final Sidecar sidecar;

  /** Its sidecar answers no single check, and tells when one is cancelled. */
  EarlyEndTest() throws Exception {
    sidecar =
        Sidecar.onLoopback(
            new ScriptedAuthorization(
                (call, request, observer) -> {
                  ((ServerCallStreamObserver<?>) observer).setOnCancelHandler(cancelled::countDown);
                  asked.countDown();
                }));
  }

  @AfterEach
  void stop() {
    sidecar.close();
  }

  @Test
  void future_cancelled_cancelsTheCall() throws Exception {
    try (ModelgateClient client = patient().build()) {
      CompletableFuture<Answer> answer = client.checkFuture(FRAUD);
      assertTrue(asked.await(20, TimeUnit.SECONDS));
      assertTrue(answer.cancel(true));
      assertTrue(cancelled.await(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void pipelinedFuture_cancelled_freesItsPlace() throws Exception {
    try (ModelgateClient client = patient().pipelined(true).window(1).build()) {
      assertTrue(
          client.check(FRAUD).allowed(), "before the stream is up, its bytes fill the window");
      CompletableFuture<Answer> answer = client.checkFuture(SILENT);
      assertEquals("WINDOW_FULL", client.check(FRAUD).reason());
      assertTrue(answer.cancel(true));
      assertTrue(client.check(FRAUD).allowed());
    }
  }

  @Test
  void close_withAnOutstandingCall_deniesIt() throws Exception {
    ModelgateClient client = patient().build();
    CompletableFuture<Answer> answer = client.checkFuture(FRAUD);
    assertTrue(asked.await(20, TimeUnit.SECONDS));
    client.close();
    Answer denied = answer.get(20, TimeUnit.SECONDS);
    assertFalse(denied.allowed());
    assertTrue(denied.cause().isPresent());
    assertTrue(cancelled.await(20, TimeUnit.SECONDS));
  }

  @Test
  void close_withAnOutstandingPipelinedCall_deniesIt() throws Exception {
    ModelgateClient client = patient().pipelined(true).build();
    CompletableFuture<Answer> answer = client.checkFuture(SILENT);
    client.close();
    assertEquals("CANCELLED", answer.get(20, TimeUnit.SECONDS).reason());
  }

  @Test
  void closedClient_asked_denies() {
    for (boolean pipelined : new boolean[] {false, true}) {
      ModelgateClient client = patient().pipelined(pipelined).build();
      client.close();
      client.close();
      Answer answer = client.check(FRAUD);
      assertFalse(answer.allowed());
      assertTrue(answer.cause().isPresent());
    }
  }

  @Test
  void check_whileServingACall_endsWithThatCallsDeadline() throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (ModelgateClient client = patient().build();
        Context.CancellableContext served =
            Context.current().withDeadlineAfter(20, TimeUnit.MILLISECONDS, timer)) {
      Answer answer = served.call(() -> client.check(FRAUD));
      assertEquals("DEADLINE_EXCEEDED", answer.reason());
    } finally {
      timer.shutdownNow();
    }
  }

  @Test
  void check_onTheOnlyThreadOfTheExecutor_endsByTheDeadline() throws Exception {
    ExecutorService one = Executors.newSingleThreadExecutor();
    try (ModelgateClient client = patient().deadline(Duration.ofMillis(50)).executor(one).build()) {
      Answer answer =
          CompletableFuture.supplyAsync(() -> client.check(FRAUD), one).get(20, TimeUnit.SECONDS);
      assertEquals("DEADLINE_EXCEEDED", answer.reason());
    } finally {
      one.shutdownNow();
    }
  }

  private ModelgateClient.Builder patient() {
    return ModelgateClient.builder().address("127.0.0.1", sidecar.port()).deadline(PATIENT);
  }
}
