package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hazard 39: what lets a call begin and run on. */
final class RunningAccessTest {
  private static final Question FRAUD = Question.of("user:ana", "fraud", "predict");
  private static final Question CHURN = Question.of("user:ana", "churn", "predict");

  private final ScriptedWatches service = new ScriptedWatches();
  private final Sidecar sidecar;
  private final ModelgateClient client;
  private final BlockingQueue<Answer> cuts = new LinkedBlockingQueue<>();
  private final RunningAccess access;

  RunningAccessTest() throws IOException {
    sidecar = Sidecar.onLoopback(service);
    client =
        ModelgateClient.builder()
            .address("127.0.0.1", sidecar.port())
            .deadline(Duration.ofSeconds(20))
            .watchSilence(Duration.ofSeconds(60))
            .build();
    access = new RunningAccess(client, cuts::add);
  }

  @AfterEach
  void stop() {
    access.close();
    client.close();
    sidecar.close();
  }

  @Test
  void call_begins_whenAllIsAllowed() throws Exception {
    assertEquals(Optional.empty(), get(access.require(List.of(FRAUD))));
    assertEquals(
        Optional.of("NO_GRANT"), get(access.require(List.of(FRAUD, CHURN))).map(Answer::reason));
  }

  @Test
  void call_isCutOnce_whenAnAccessEnds() throws Exception {
    get(access.require(List.of(FRAUD, Question.of("user:bo", "fraud", "predict"))));
    service.last().tell(ScriptedAuthorization.DENY);
    assertEquals("NO_GRANT", take().reason());
    await(() -> service.last().open.isEmpty(), "the watches are ended");
    assertTrue(cuts.isEmpty(), "it is cut again");
    assertTrue(get(access.require(List.of(FRAUD))).isPresent(), "a call that is over goes on");
  }

  /** Each message is checked, and not believed because of what was told before. */
  @Test
  void message_thatAsksTheSame_isCheckedAnew() throws Exception {
    assertEquals(Optional.empty(), get(access.require(List.of(FRAUD))));
    service.fraud = ScriptedAuthorization.DENY;
    assertEquals(Optional.of("NO_GRANT"), get(access.require(List.of(FRAUD))).map(Answer::reason));
    assertEquals(1, service.checks.size());
    assertEquals(1, service.last().open.size());
  }

  @Test
  void call_lostSightOf_isCut() throws Exception {
    get(access.require(List.of(FRAUD)));
    client.close();
    assertTrue(take().cause().isPresent());
  }

  @Test
  void call_thatHasEnded_isNotCut() throws Exception {
    get(access.require(List.of(FRAUD)));
    access.close();
    await(() -> service.last().open.isEmpty(), "the watch is ended");
    client.close();
    assertTrue(cuts.isEmpty());
  }

  @Test
  void call_ofTooManyAccesses_isNotAllowed() throws Exception {
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i <= RunningAccess.ACCESSES_MAX; i++) {
      questions.add(Question.of("user:u" + i, "fraud", "predict"));
    }
    assertEquals(Optional.of("WATCHES_FULL"), get(access.require(questions)).map(Answer::reason));
  }

  private Answer take() throws InterruptedException {
    Answer answer = cuts.poll(20, TimeUnit.SECONDS);
    assertTrue(answer != null, "it is not cut");
    return java.util.Objects.requireNonNull(answer);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static void await(java.util.function.BooleanSupplier condition, String what) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
    assertTrue(condition.getAsBoolean(), what);
  }
}
