package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.check.Decision;
import dev.modelgate.app.identity.CallerPattern;
import dev.modelgate.app.identity.CallerRule;
import dev.modelgate.app.identity.CallerRule.Asks;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.WatchAccessRequest;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may watch what, and what the audit trail and the decision log are told of it. */
final class AccessAskingTest {
  private static final String SCORER = "serviceAccount:scorer";
  private static final String USERS = "group:corp:users";

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

  private final BlockingQueue<WatchAccessResponse> told = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    bed.close();
  }

  @Test
  void watch_beyondTheBounds_failsAloneAndIsInBothLogs() throws InterruptedException {
    StreamObserver<WatchAccessRequest> stream = watch(bed.issue("scorer", SCORER));
    stream.onNext(request(1, BEN));
    assertEquals("NOT_PERMITTED", next());
    stream.onNext(request(2, ANA));
    assertEquals("DECISION_ALLOW", next());
    assertEquals(
        List.of("REFUSAL NOT_PERMITTED modelgate.v1.AuthorizationService/WatchAccess"),
        bed.plane.trail.stream()
            .map(event -> event.kind() + " " + event.what() + " " + event.method())
            .toList());
    assertEquals(BEN + " error NOT_PERMITTED jwt:corp:scorer", decision());
    assertEquals(ANA + " allow  jwt:corp:scorer", decision());
  }

  /** A first answer is a check; a change is told too, under who asked at first. */
  @Test
  void change_isInTheDecisionLog() throws InterruptedException {
    StreamObserver<WatchAccessRequest> stream = watch(bed.issue("ben", BEN));
    stream.onNext(request(1, BEN));
    assertEquals("NO_GRANT", next());
    bed.plane.share(FRAUD, BEN, "user");
    assertEquals("DECISION_ALLOW", next());
    assertEquals(BEN + " deny NO_GRANT jwt:corp:ben", decision());
    assertEquals(BEN + " allow  jwt:corp:ben", decision());
    assertEquals(List.of(), List.copyOf(bed.plane.trail));
  }

  /** Hazard 18: claims count for the token's own principal. */
  @Test
  void claims_ofTheToken_countForItsPrincipal() throws InterruptedException {
    bed.plane.principal(USERS);
    bed.plane.share(FRAUD, USERS, "user");
    StreamObserver<WatchAccessRequest> stream = watch(bed.claim("ben", BEN, "acme", USERS));
    stream.onNext(request(1, BEN));
    assertEquals("DECISION_ALLOW", next());
  }

  /** Hazard 35: without a credential, as a check is. */
  @Test
  void callerWithoutACredential_watches() throws InterruptedException {
    StreamObserver<WatchAccessRequest> stream = watch("");
    stream.onNext(request(1, ANA));
    assertEquals("DECISION_ALLOW", next());
  }

  /** Hazard 32: a wrong secret is a failed login, a rotated one a denial. */
  @Test
  void link_withAWrongSecret_isAFailedLoginOnce() throws InterruptedException {
    StreamObserver<WatchAccessRequest> stream = watch("");
    stream.onNext(request(1, "link:report"));
    assertEquals("PRINCIPAL_UNKNOWN", next());
    assertEquals(
        List.of("LINK_UNKNOWN"), bed.plane.trail.stream().map(event -> event.what()).toList());
  }

  private StreamObserver<WatchAccessRequest> watch(String token) {
    return bed.stream(token)
        .watchAccess(
            new StreamObserver<>() {
              @Override
              public void onNext(WatchAccessResponse response) {
                if (response.getId() != 0) {
                  told.add(response);
                }
              }

              @Override
              public void onError(Throwable thrown) {
                // The bed closes.
              }

              @Override
              public void onCompleted() {
                // It is never completed.
              }
            });
  }

  private String next() throws InterruptedException {
    WatchAccessResponse response = Objects.requireNonNull(told.poll(20, TimeUnit.SECONDS));
    if (response.hasError()) {
      return response.getError().getReason().name().replace("ERROR_REASON_", "");
    }
    return response.getResponse().getReason().isEmpty()
        ? response.getResponse().getDecision().name()
        : response.getResponse().getReason();
  }

  private String decision() throws InterruptedException {
    Decision d = Objects.requireNonNull(bed.decisions.poll(20, TimeUnit.SECONDS), "not told");
    return String.join(" ", d.principal(), d.outcome(), d.reason(), d.caller());
  }

  private static WatchAccessRequest request(long id, String principal) {
    return WatchAccessRequest.newBuilder()
        .setId(id)
        .setCheck(
            CheckRequest.newBuilder().setPrincipal(principal).setModel(FRAUD).setAction("predict"))
        .build();
  }
}
