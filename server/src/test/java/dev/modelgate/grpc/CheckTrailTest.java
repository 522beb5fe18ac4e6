package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.check.Decision;
import dev.modelgate.app.identity.CallerPattern;
import dev.modelgate.app.identity.CallerRule;
import dev.modelgate.app.identity.CallerRule.Asks;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResult;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the audit trail and the decision log are told of checks that may not be asked. */
final class CheckTrailTest {
  private static final String SCORER = "serviceAccount:scorer";

  private final CallersBed bed =
      new CallersBed(
          new CallerRules(
              List.of(
                  new CallerRule(
                      List.of(CallerPattern.parse(SCORER)),
                      false,
                      Optional.empty(),
                      Optional.of(
                          new Asks(
                              Optional.of(Set.of("acme")),
                              List.of(CallerPattern.parse("user:ana@*")),
                              false))))));

  private final String scorer = bed.issue("scorer", SCORER);

  @AfterEach
  void close() {
    bed.close();
  }

  @Test
  void batchItem_beyondTheBounds_isInBothLogsAsARefusedCheckIs() throws InterruptedException {
    assertThrows(
        StatusRuntimeException.class, () -> bed.data(scorer).check(question(BEN, "predict")));
    bed.data(scorer)
        .batchCheck(
            BatchCheckRequest.newBuilder()
                .addItems(question(ANA, "predict"))
                .addItems(question(BEN, "predict"))
                .build());
    assertEquals(
        List.of(
            "REFUSAL NOT_PERMITTED modelgate.v1.AuthorizationService/Check",
            "REFUSAL NOT_PERMITTED modelgate.v1.AuthorizationService/BatchCheck"),
        said());
    TrailEvent alone = bed.plane.trail.get(0);
    TrailEvent item = bed.plane.trail.get(1);
    for (TrailEvent event : List.of(alone, item)) {
      assertEquals("jwt:corp:scorer", event.credential());
      assertEquals(SCORER, event.onBehalfOf());
      assertEquals("acme", event.organization());
      assertEquals(FRAUD, event.resource());
      assertEquals(List.of(BEN), event.principals());
      assertEquals("principals [user:ana@*]", event.after().get("permission"));
    }
    assertEquals(alone.peer(), item.peer());
    assertEquals(alone.after(), item.after());
    assertEquals(
        List.of(
            ANA + " allow  jwt:corp:scorer",
            BEN + " error NOT_PERMITTED jwt:corp:scorer",
            BEN + " error NOT_PERMITTED jwt:corp:scorer"),
        decisions(3));
  }

  @Test
  void streamItem_beyondTheBounds_isInBothLogs() throws InterruptedException {
    stream(scorer, question(BEN, "predict"), question(ANA, "predict"));
    assertEquals(
        List.of("REFUSAL NOT_PERMITTED modelgate.v1.AuthorizationService/StreamCheck"), said());
    assertEquals(
        List.of(ANA + " allow  jwt:corp:scorer", BEN + " error NOT_PERMITTED jwt:corp:scorer"),
        decisions(2));
  }

  @Test
  void item_thatIsMalformed_isNoAttempt() throws InterruptedException {
    BatchCheckResult result =
        bed.data(scorer)
            .batchCheck(BatchCheckRequest.newBuilder().addItems(question(ANA, "nonsense")).build())
            .getResults(0);
    assertTrue(result.hasError());
    assertEquals(List.of(), said());
    assertEquals(List.of(ANA + " error UNKNOWN_ACTION jwt:corp:scorer"), decisions(1));
  }

  private List<String> said() {
    return bed.plane.trail.stream()
        .map(event -> event.kind() + " " + event.what() + " " + event.method())
        .toList();
  }

  /** The next decisions that are told, which is after they are answered. */
  private List<String> decisions(int count) throws InterruptedException {
    List<String> told = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Decision d = Objects.requireNonNull(bed.decisions.poll(20, TimeUnit.SECONDS), "not told");
      told.add(String.join(" ", d.principal(), d.outcome(), d.reason(), d.caller()));
    }
    return told.stream().sorted().toList();
  }

  private void stream(String token, CheckRequest... asked) {
    CompletableFuture<Integer> answers = new CompletableFuture<>();
    StreamObserver<StreamCheckRequest> questions =
        bed.stream(token)
            .streamCheck(
                new StreamObserver<>() {
                  private int count;

                  @Override
                  public void onNext(StreamCheckResponse response) {
                    count++;
                  }

                  @Override
                  public void onError(Throwable thrown) {
                    answers.completeExceptionally(thrown);
                  }

                  @Override
                  public void onCompleted() {
                    answers.complete(count);
                  }
                });
    for (CheckRequest question : asked) {
      questions.onNext(StreamCheckRequest.newBuilder().setCheck(question).build());
    }
    questions.onCompleted();
    assertEquals(asked.length, answers.orTimeout(20, TimeUnit.SECONDS).join());
  }

  private static CheckRequest question(String principal, String action) {
    return CheckRequest.newBuilder()
        .setPrincipal(principal)
        .setModel(FRAUD)
        .setAction(action)
        .build();
  }
}
