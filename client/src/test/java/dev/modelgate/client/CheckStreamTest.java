package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.internal.Connection;
import dev.modelgate.client.internal.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CheckStreamTest {
  private static final Duration PATIENT = Duration.ofSeconds(20);

  private final ScriptedAuthorization service =
      ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW);
  private final AtomicLong nanoTime = new AtomicLong();
  private final List<AutoCloseable> open = new ArrayList<>();
  private int port;

  @BeforeEach
  void start() throws Exception {
    Sidecar sidecar = Sidecar.onLoopback(service);
    open.add(sidecar);
    port = sidecar.port();
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

  private CheckStream stream(Duration timeout, int windowMax) {
    Connection connection = new Endpoint.Tcp("127.0.0.1", port).connect(Optional.empty());
    open.add(connection);
    return new CheckStream(connection.channel(), timeout, windowMax, nanoTime::get);
  }

  private static Question about(String model) {
    return Question.of("user:ana@acme.com", model, "predict");
  }

  private static Answer get(CompletableFuture<Answer> answer) throws Exception {
    return answer.get(20, TimeUnit.SECONDS);
  }
}
