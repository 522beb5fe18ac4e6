package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.rpc.RetryInfo;
import dev.modelgate.client.Answer.Outcome;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import io.grpc.Context;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelgateClientTest {
  private static final Question FRAUD = Question.of("user:ana@acme.com", "fraud", "predict");
  private static final Duration PATIENT = Duration.ofSeconds(20);

  @TempDir Path directory;

  @Test
  void check_allowed_isAllowedWithRevision() throws Exception {
    ScriptedAuthorization service = ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW);
    try (Sidecar sidecar = Sidecar.onLoopback(service);
        ModelgateClient client = patient(sidecar).build()) {
      Answer answer = client.check("user:ana@acme.com", "fraud", "predict");
      assertTrue(answer.allowed());
      assertEquals("r1", answer.revision());
      assertEquals("user:ana@acme.com", service.requests.get(0).getPrincipal());
    }
  }

  @Test
  void check_everyOtherDecision_isNotAllowed() throws Exception {
    for (int decision : List.of(0, 2, 3, 99)) {
      CheckResponse response = CheckResponse.newBuilder().setDecisionValue(decision).build();
      try (Sidecar sidecar = Sidecar.onLoopback(ScriptedAuthorization.answering(response));
          ModelgateClient client = patient(sidecar).build()) {
        Answer answer = client.check(FRAUD);
        assertFalse(answer.allowed(), "decision " + decision);
        assertEquals(decision == 0 || decision == 99, answer.cause().isPresent());
        assertEquals(decision == 3 ? Outcome.CONDITIONAL : Outcome.DENIED, answer.outcome());
      }
    }
  }

  @Test
  void check_unanswered_isDeniedByTheDeadline() throws Exception {
    try (Sidecar sidecar = Sidecar.onLoopback(new ScriptedAuthorization((call, request, o) -> {}));
        ModelgateClient client = client(sidecar).build()) {
      Answer answer = client.check(FRAUD);
      assertFalse(answer.allowed());
      assertEquals("DEADLINE_EXCEEDED", answer.reason());
      assertTrue(answer.cause().isPresent());
    }
  }

  @Test
  void deadline_byDefault_isFiftyMilliseconds() throws Exception {
    List<Long> remainingMs = new CopyOnWriteArrayList<>();
    ScriptedAuthorization service =
        new ScriptedAuthorization(
            (call, request, observer) ->
                remainingMs.add(
                    Objects.requireNonNull(Context.current().getDeadline())
                        .timeRemaining(TimeUnit.MILLISECONDS)));
    try (Sidecar sidecar = Sidecar.onLoopback(service);
        ModelgateClient client = client(sidecar).build()) {
      // The first may end before its connection is there.
      for (int tries = 0; tries < 200 && remainingMs.isEmpty(); tries++) {
        long startNanos = System.nanoTime();
        assertEquals("DEADLINE_EXCEEDED", client.check(FRAUD).reason());
        assertTrue(System.nanoTime() - startNanos >= TimeUnit.MILLISECONDS.toNanos(49));
      }
    }
    assertFalse(remainingMs.isEmpty());
    assertTrue(remainingMs.stream().allMatch(ms -> ms <= 50), remainingMs::toString);
  }

  @Test
  void check_nobodyListens_isDeniedWithCause() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    try (ModelgateClient client =
        ModelgateClient.builder().address("127.0.0.1", port).deadline(PATIENT).build()) {
      assertEquals("UNAVAILABLE", client.check(FRAUD).reason());
    }
  }

  @Test
  void check_unavailableOnce_isRepeated() throws Exception {
    ScriptedAuthorization service = failingFirst(Status.UNAVAILABLE.asRuntimeException());
    try (Sidecar sidecar = Sidecar.onLoopback(service);
        ModelgateClient client = patient(sidecar).build()) {
      assertTrue(client.check(FRAUD).allowed());
      assertEquals(2, service.requests.size());
    }
  }

  @Test
  void check_unavailableTwice_isDenied() throws Exception {
    ScriptedAuthorization service =
        new ScriptedAuthorization(
            (call, request, o) -> o.onError(Status.UNAVAILABLE.asRuntimeException()));
    try (Sidecar sidecar = Sidecar.onLoopback(service);
        ModelgateClient client = patient(sidecar).build()) {
      assertFalse(client.check(FRAUD).allowed());
      assertEquals(2, service.requests.size());
    }
  }

  @Test
  void check_overloaded_isRepeatedOnlyWhereRetryInfoFitsTheDeadline() throws Exception {
    record Row(Throwable failure, int calls) {}
    for (Row row :
        List.of(
            new Row(Status.RESOURCE_EXHAUSTED.asRuntimeException(), 1),
            new Row(overloaded(Duration.ofMillis(1)), 2),
            new Row(overloaded(Duration.ofMinutes(1)), 1),
            new Row(Status.INTERNAL.asRuntimeException(), 1))) {
      ScriptedAuthorization service = failingFirst(row.failure());
      try (Sidecar sidecar = Sidecar.onLoopback(service);
          ModelgateClient client = patient(sidecar).build()) {
        assertEquals(row.calls() == 2, client.check(FRAUD).allowed(), row.toString());
        assertEquals(row.calls(), service.requests.size(), row.toString());
      }
    }
  }

  @Test
  void check_interrupted_isDeniedAndStaysInterrupted() throws Exception {
    try (Sidecar sidecar = Sidecar.onLoopback(new ScriptedAuthorization((call, request, o) -> {}));
        ModelgateClient client = patient(sidecar).build()) {
      Thread.currentThread().interrupt();
      Answer answer = client.check(FRAUD);
      assertTrue(Thread.interrupted());
      assertEquals("CANCELLED", answer.reason());
    }
  }

  @Test
  void checkAsync_always_callsBack() throws Exception {
    try (Sidecar sidecar =
            Sidecar.onLoopback(ScriptedAuthorization.answering(ScriptedAuthorization.DENY));
        ModelgateClient client = patient(sidecar).build()) {
      CompletableFuture<Answer> called = new CompletableFuture<>();
      client.checkAsync(FRAUD, called::complete);
      assertEquals("NO_GRANT", called.get(20, TimeUnit.SECONDS).reason());
    }
  }

  @Test
  void question_withHalfASurrogatePair_isRefused() {
    for (String name : List.of("user:\ud83d", "user:\ude00x", "\ud83d\ud83d")) {
      assertThrows(
          IllegalArgumentException.class, () -> Question.of(name, "fraud", "predict"), name);
      assertThrows(
          IllegalArgumentException.class,
          () -> new Question("user:ana", "m", "predict", List.of(), Map.of("k", List.of(name))),
          name);
    }
    assertEquals("user:\ud83d\ude00", Question.of("user:\ud83d\ude00", "m", "a").principal());
  }

  @Test
  void deadline_outOfRange_isRefused() {
    for (Duration deadline : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofDays(2))) {
      assertThrows(
          IllegalArgumentException.class, () -> ModelgateClient.builder().deadline(deadline));
    }
  }

  @Test
  void socket_inPrivateDirectory_isAsked() throws Exception {
    Path socket = directory.resolve("modelgate.sock");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
    try (Sidecar sidecar =
            Sidecar.onSocket(socket, ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW));
        ModelgateClient client =
            ModelgateClient.builder().socket(socket).deadline(PATIENT).build()) {
      assertTrue(client.check(FRAUD).allowed(), sidecar::toString);
    }
  }

  @Test
  void socket_inWorldWritableDirectory_isDenied() throws Exception {
    Path socket = directory.resolve("modelgate.sock");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    ScriptedAuthorization service = ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW);
    try (Sidecar sidecar = Sidecar.onSocket(socket, service);
        ModelgateClient client =
            ModelgateClient.builder().socket(socket).deadline(PATIENT).build()) {
      Answer answer = client.check(FRAUD);
      assertFalse(answer.allowed(), sidecar::toString);
      assertEquals(0, service.requests.size());
    }
  }

  @Test
  void channelOfTheCaller_isAsked_andTakesNothingBesideIt() throws Exception {
    try (Sidecar sidecar =
            Sidecar.onLoopback(ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW));
        ModelgateClient client = ModelgateClient.builder().channel(channel(sidecar)).build()) {
      assertTrue(client.check("user:ana", "fraud", "predict").allowed());
      for (ModelgateClient.Builder more :
          List.of(
              ModelgateClient.builder().address("127.0.0.1", 1),
              ModelgateClient.builder().socket(Path.of("socket")),
              ModelgateClient.builder().socketOwner(1),
              ModelgateClient.builder().tls(),
              ModelgateClient.builder().executor(Runnable::run))) {
        ManagedChannel unused = channel(sidecar);
        assertThrows(IllegalArgumentException.class, () -> more.channel(unused).build());
        unused.shutdownNow();
      }
    }
  }

  private static ManagedChannel channel(Sidecar sidecar) {
    return NettyChannelBuilder.forAddress(
            "127.0.0.1", sidecar.port(), InsecureChannelCredentials.create())
        .build();
  }

  @Test
  void address_notLoopback_isRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ModelgateClient.builder().address("10.0.0.1", 7070).build());
  }

  private static ModelgateClient.Builder client(Sidecar sidecar) {
    return ModelgateClient.builder().address("127.0.0.1", sidecar.port());
  }

  private static ModelgateClient.Builder patient(Sidecar sidecar) {
    return client(sidecar).deadline(PATIENT);
  }

  private static ScriptedAuthorization failingFirst(Throwable failure) {
    return new ScriptedAuthorization(
        (call, request, observer) -> {
          if (call == 1) {
            observer.onError(failure);
          } else {
            ScriptedAuthorization.answer(
                observer, CheckResponse.newBuilder().setDecision(Decision.DECISION_ALLOW).build());
          }
        });
  }

  private static Throwable overloaded(Duration delay) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.RESOURCE_EXHAUSTED.value())
            .addDetails(
                Any.pack(
                    RetryInfo.newBuilder()
                        .setRetryDelay(
                            com.google.protobuf.Duration.newBuilder()
                                .setSeconds(delay.toSeconds())
                                .setNanos(delay.toNanosPart()))
                        .build()))
            .build());
  }
}
