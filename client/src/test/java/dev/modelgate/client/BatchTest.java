package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceImplBase;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.BatchCheckResult;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many questions in one call. */
final class BatchTest {
  private static final Question FRAUD = Question.of("user:ana@acme.com", "fraud", "predict");

  @Test
  void batch_mixed_keepsTheOrder() throws Exception {
    try (Sidecar sidecar =
            Sidecar.onLoopback(ScriptedAuthorization.answering(ScriptedAuthorization.DENY));
        ModelgateClient client = patient(sidecar).build()) {
      List<Answer> answers =
          client.batch(List.of(FRAUD, Question.of("user:ben@acme.com", "churn", "predict"), FRAUD));
      assertEquals(List.of(true, false, true), answers.stream().map(Answer::allowed).toList());
      assertEquals(List.of(), client.batch(List.of()));
    }
  }

  @Test
  void batch_thatFailsOrIsIncomplete_isDeniedWholeWithCauseAndNotRepeated() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    AuthorizationServiceImplBase service =
        new AuthorizationServiceImplBase() {
          @Override
          public void batchCheck(
              BatchCheckRequest request, StreamObserver<BatchCheckResponse> observer) {
            if (calls.incrementAndGet() == 1) {
              observer.onError(Status.UNAVAILABLE.asRuntimeException());
            } else {
              BatchCheckResult allowed =
                  BatchCheckResult.newBuilder().setResponse(ScriptedAuthorization.ALLOW).build();
              observer.onNext(BatchCheckResponse.newBuilder().addResults(allowed).build());
              observer.onCompleted();
            }
          }
        };
    try (Sidecar sidecar = Sidecar.onLoopback(service);
        ModelgateClient client = patient(sidecar).build()) {
      for (int call = 1; call <= 2; call++) {
        List<Answer> answers = client.batch(List.of(FRAUD, FRAUD));
        assertEquals(2, answers.size());
        assertTrue(answers.stream().noneMatch(Answer::allowed), "call " + call);
        assertTrue(answers.stream().allMatch(answer -> answer.cause().isPresent()));
        assertEquals(call, calls.get());
      }
    }
  }

  @Test
  void batch_tooMany_isRefused() {
    try (ModelgateClient client = ModelgateClient.builder().build()) {
      List<Question> questions = Collections.nCopies(1_001, FRAUD);
      assertThrows(IllegalArgumentException.class, () -> client.batch(questions));
    }
  }

  private static ModelgateClient.Builder patient(Sidecar sidecar) {
    return ModelgateClient.builder()
        .address("127.0.0.1", sidecar.port())
        .deadline(Duration.ofSeconds(20));
  }
}
