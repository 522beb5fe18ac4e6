package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.internal.Connection;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.v1.ErrorReason;
import dev.modelgate.v1.ItemError;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Time goes on by the test alone, in tenths of the silence of one second. */
final class WatchStreamTest {
  private static final Duration PATIENT = Duration.ofSeconds(20);
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ScriptedWatches service = new ScriptedWatches();
  private final Sidecar sidecar;
  private final Connection connection;
  private final AtomicLong nanos = new AtomicLong();
  private final WatchStream watches;
  private final List<Answer> changes = new CopyOnWriteArrayList<>();

  WatchStreamTest() throws IOException {
    sidecar = Sidecar.onLoopback(service);
    connection = new Endpoint.Tcp("127.0.0.1", sidecar.port()).connect(Optional.empty());
    watches = watches(PATIENT);
  }

  @AfterEach
  void stop() {
    watches.close();
    connection.close();
    sidecar.close();
  }

  @Test
  void watch_firstAnswerAndChanges_areTold() throws Exception {
    AccessWatch fraud = watch("fraud");
    AccessWatch churn = watch("churn");
    assertTrue(get(fraud.first()).allowed());
    assertEquals("NO_GRANT", get(churn.first()).reason());
    assertEquals(List.of(), changes);
    service.last().tell(ScriptedAuthorization.DENY);
    await(() -> changes.size() == 1);
    assertEquals("NO_GRANT", changes.get(0).reason());
    assertEquals(1, service.streams.size());
  }

  @Test
  void watch_closed_isEndedAndHearsNothing() throws Exception {
    AccessWatch fraud = watch("fraud");
    get(fraud.first());
    AccessWatch other = watch("fraud");
    get(other.first());
    long id = fraud.id;
    fraud.close();
    fraud.close();
    await(() -> !service.last().open.containsKey(id));
    service.last().tell(ScriptedAuthorization.DENY);
    await(() -> changes.size() == 1);
    assertEquals(1, watches.open());
  }

  @Test
  void watch_thatFails_isLost() throws Exception {
    AccessWatch fraud = watch("fraud");
    get(fraud.first());
    service
        .last()
        .say(
            WatchAccessResponse.newBuilder()
                .setId(fraud.id)
                .setError(
                    ItemError.newBuilder()
                        .setCode(Status.Code.RESOURCE_EXHAUSTED.value())
                        .setReason(ErrorReason.ERROR_REASON_OVERLOADED))
                .build());
    await(() -> changes.size() == 1);
    assertEquals("OVERLOADED", changes.get(0).reason());
    assertTrue(changes.get(0).cause().isPresent());
    assertEquals(0, watches.open());
  }

  @Test
  void watch_endedOrAnsweredWithoutAResult_isLost() throws Exception {
    for (boolean ended : List.of(true, false)) {
      AccessWatch fraud = watch("fraud");
      get(fraud.first());
      var response = WatchAccessResponse.newBuilder().setId(fraud.id);
      service.last().say(ended ? response.setEnded(true).build() : response.build());
      await(() -> watches.open() == 0);
    }
    await(() -> changes.size() == 2);
    assertTrue(changes.stream().allMatch(answer -> answer.cause().isPresent()));
  }

  @Test
  void firstAnswer_thatIsLate_isADenial() throws Exception {
    WatchStream hasty = watches(Duration.ofMillis(20));
    AccessWatch silent = hasty.watch(Question.of("user:ana", "silent", "predict"), changes::add);
    assertEquals("DEADLINE_EXCEEDED", get(silent.first()).reason());
    await(() -> hasty.open() == 0);
    hasty.close();
    assertEquals(List.of(), changes);
  }

  /** Hazard 39: silence is a loss. */
  @Test
  void silence_forItsTime_losesEverything() throws Exception {
    AccessWatch fraud = watch("fraud");
    assertTrue(get(fraud.first()).allowed());
    tick(9);
    assertEquals(List.of(), changes);
    tick(1);
    await(() -> changes.size() == 1);
    assertEquals("WATCH_LOST", changes.get(0).reason());
    assertFalse(changes.get(0).allowed());
    await(() -> service.streams.get(0).cancelled);
  }

  @Test
  void heartbeats_endTheSilence() throws Exception {
    AccessWatch fraud = watch("fraud");
    assertTrue(get(fraud.first()).allowed());
    for (int i = 0; i < 5; i++) {
      tick(9);
      long before = watches.heardNanos();
      service.last().heartbeat();
      await(() -> watches.heardNanos() > before);
    }
    assertEquals(List.of(), changes);
  }

  /** Hazard 39: a stream that breaks is opened again before anything is lost. */
  @Test
  void break_answeredAgainInTime_losesNothing() throws Exception {
    AccessWatch fraud = watch("fraud");
    assertTrue(get(fraud.first()).allowed());
    service.last().fail(Status.UNAVAILABLE.asRuntimeException());
    await(() -> service.streams.size() == 2 && service.last().open.size() == 1);
    tick(9);
    service.last().heartbeat();
    await(() -> watches.heardNanos() == nanos.get());
    tick(9);
    assertEquals(List.of(), changes);
    service.last().tell(ScriptedAuthorization.DENY);
    await(() -> changes.size() == 1);
    assertEquals("NO_GRANT", changes.get(0).reason());
  }

  @Test
  void break_afterWhichTheAnswerIsAnother_isTold() throws Exception {
    AccessWatch fraud = watch("fraud");
    assertTrue(get(fraud.first()).allowed());
    service.fraud = ScriptedAuthorization.DENY;
    service.last().fail(Status.UNAVAILABLE.asRuntimeException());
    await(() -> changes.size() == 1);
    assertEquals("NO_GRANT", changes.get(0).reason());
  }

  /** Hazard 39: what a stream said that was given up ends no silence, and allows nothing. */
  @Test
  void word_ofAnotherStream_isNotBelieved() throws Exception {
    AccessWatch fraud = watch("fraud");
    assertTrue(get(fraud.first()).allowed());
    service.last().tell(ScriptedAuthorization.DENY);
    await(() -> changes.size() == 1);
    long heard = watches.heardNanos();
    nanos.addAndGet(TICK_NANOS);
    watches.told(
        new WatchSession(watches, connection.channel(), new Object()),
        WatchAccessResponse.newBuilder()
            .setId(fraud.id)
            .setResponse(ScriptedAuthorization.ALLOW)
            .build());
    assertEquals(1, changes.size());
    assertEquals(heard, watches.heardNanos());
  }

  @Test
  void sidecar_gone_losesEverythingAfterTheSilence() throws Exception {
    AccessWatch fraud = watch("fraud");
    assertTrue(get(fraud.first()).allowed());
    sidecar.stop();
    tick(9);
    assertEquals(List.of(), changes);
    tick(1);
    await(() -> changes.size() == 1);
    assertEquals("WATCH_LOST", changes.get(0).reason());
    assertEquals(0, watches.open());
  }

  @Test
  void sidecar_backAgain_isWatchedAgain() throws Exception {
    int port = sidecar.port();
    AccessWatch fraud = watch("fraud");
    assertTrue(get(fraud.first()).allowed());
    sidecar.stop();
    tick(10);
    await(() -> changes.size() == 1);
    try (Sidecar again = Sidecar.onPort(port, service)) {
      assertTrue(again.port() > 0);
      await(
          () -> {
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
            return watch("fraud").first().join().allowed();
          });
    }
  }

  /** Nobody waits for his deadline to hear that there is no sidecar. */
  @Test
  void firstAnswer_whenThereIsNoSidecar_isADenialAtOnce() throws Exception {
    sidecar.stop();
    AccessWatch fraud = watch("fraud");
    assertEquals("UNAVAILABLE", fraud.first().get(10, TimeUnit.SECONDS).reason());
    assertEquals(0, watches.open());
  }

  /** A process that stood still reads what has arrived before it believes in a silence. */
  @Test
  void silence_foundLate_isLookedAtOnceMore() throws Exception {
    AccessWatch fraud = watch("fraud");
    assertTrue(get(fraud.first()).allowed());
    nanos.addAndGet(20 * TICK_NANOS);
    watches.tick();
    assertEquals(List.of(), changes);
    watches.tick();
    await(() -> changes.size() == 1);
  }

  @Test
  void stream_withoutAWatch_isEndedAfterAWhile() throws Exception {
    AccessWatch fraud = watch("fraud");
    assertTrue(get(fraud.first()).allowed());
    fraud.close();
    for (int i = 0; i < 11; i++) {
      tick(9);
      service.last().heartbeat();
      await(() -> watches.heardNanos() == nanos.get() || service.last().cancelled);
    }
    tick(9);
    await(() -> service.last().cancelled);
    assertTrue(get(watch("fraud").first()).allowed());
    assertEquals(2, service.streams.size());
  }

  @Test
  void watches_beyondTheirNumber_areDeniedAtOnce() throws Exception {
    for (int i = 0; i < WatchStream.WATCHES_MAX; i++) {
      var unused = watch("fraud");
    }
    AccessWatch more = watch("fraud");
    assertEquals("WATCHES_FULL", more.first().join().reason());
    assertFalse(more.first().join().allowed());
  }

  @Test
  void close_losesEverything() throws Exception {
    AccessWatch fraud = watch("fraud");
    AccessWatch silent = watch("silent");
    assertTrue(get(fraud.first()).allowed());
    watches.close();
    assertEquals("WATCH_LOST", get(silent.first()).reason());
    await(() -> changes.size() == 1);
    assertEquals("CANCELLED", watch("fraud").first().join().reason());
  }

  @Test
  void silence_outOfRange_isRefused() {
    for (Duration silence : List.of(Duration.ofMillis(499), Duration.ofSeconds(61))) {
      assertThrows(
          IllegalArgumentException.class, () -> ModelgateClient.builder().watchSilence(silence));
    }
  }

  private WatchStream watches(Duration timeout) {
    return new WatchStream(
        connection.channel(), timeout, Duration.ofSeconds(1), nanos::get, never -> {});
  }

  private AccessWatch watch(String model) {
    return watches.watch(Question.of("user:ana", model, "predict"), changes::add);
  }

  /** Lets tenths of the silence go by. */
  private void tick(int times) {
    for (int i = 0; i < times; i++) {
      nanos.addAndGet(TICK_NANOS);
      watches.tick();
    }
  }

  private static Answer get(CompletableFuture<Answer> answer) throws Exception {
    return answer.get(20, TimeUnit.SECONDS);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
    assertTrue(condition.getAsBoolean());
  }
}
