package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import dev.modelgate.app.identity.CallerPattern;
import dev.modelgate.app.identity.CallerRule;
import dev.modelgate.app.identity.CallerRule.Asks;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceBlockingStub;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ErrorReason;
import dev.modelgate.v1.ExplainRequest;
import dev.modelgate.v1.ListActionsRequest;
import dev.modelgate.v1.LookupPrincipalsRequest;
import dev.modelgate.v1.LookupResourcesRequest;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import dev.modelgate.v1.WatchChangesRequest;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What bounded callers of the data plane may ask, about whom and where. */
final class AskingTest {
  private static final String SCORER = "serviceAccount:scorer";
  private static final String ELSEWHERE = "organizations/other/models/m";

  private CallersBed bed = bed(Optional.of(Set.of("acme")), List.of("user:ana@*", SCORER), false);

  private static CallersBed bed(
      Optional<Set<String>> organizations, List<String> principals, boolean self) {
    Asks asks =
        new Asks(organizations, principals.stream().map(CallerPattern::parse).toList(), self);
    return new CallersBed(
        new CallerRules(
            List.of(
                new CallerRule(
                    List.of(CallerPattern.parse(SCORER)),
                    false,
                    Optional.empty(),
                    Optional.of(asks)))));
  }

  private void again(Optional<Set<String>> organizations, List<String> principals, boolean self) {
    bed.close();
    bed = bed(organizations, principals, self);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private String scorer() {
    return bed.issue("scorer", SCORER);
  }

  @Test
  void check_withinTheBounds_isAnswered_alsoByARelativeName() {
    for (String model : List.of(FRAUD, "fraud", "models/fraud")) {
      assertEquals(
          Decision.DECISION_ALLOW,
          bed.data(scorer()).check(question(ANA, model)).getDecision(),
          model);
    }
  }

  @Test
  void check_beyondTheBounds_isRefused_cachedOrNot_namingTheBound() {
    for (String token : List.of("", scorer())) {
      AuthorizationServiceBlockingStub data = bed.data(token);
      if (token.isEmpty()) {
        data.check(question(BEN, FRAUD)); // In the cache from here on.
        data.check(question(ANA, ELSEWHERE));
        continue;
      }
      ErrorInfo principal = refused(Fault.NOT_PERMITTED, () -> data.check(question(BEN, FRAUD)));
      assertEquals(SCORER, principal.getMetadataOrThrow("actor"));
      assertEquals(
          "principals [user:ana@*, serviceAccount:scorer]",
          principal.getMetadataOrThrow("permission"));
      assertEquals(BEN, principal.getMetadataOrThrow("resource"));
      ErrorInfo organization =
          refused(Fault.NOT_PERMITTED, () -> data.check(question(ANA, ELSEWHERE)));
      assertEquals("organizations [acme]", organization.getMetadataOrThrow("permission"));
      refused(Fault.NOT_PERMITTED, () -> data.check(question(ANA, "organizations/acme2/models/m")));
    }
  }

  @Test
  void check_chainWithALinkBeyondTheBounds_isRefused() {
    AuthorizationServiceBlockingStub data = bed.data(scorer());
    CheckRequest within = question(ANA, FRAUD).toBuilder().addActingThrough(SCORER).build();
    assertEquals(Decision.DECISION_DENY, data.check(within).getDecision());
    refused(
        Fault.NOT_PERMITTED,
        () -> data.check(within.toBuilder().addActingThrough("app:other").build()));
  }

  @Test
  void batchCheck_itemsBeyondTheBounds_failAlone() {
    BatchCheckResponse response =
        bed.data(scorer())
            .batchCheck(
                BatchCheckRequest.newBuilder()
                    .addItems(question(BEN, FRAUD))
                    .addItems(question(ANA, FRAUD))
                    .addItems(question(ANA, ELSEWHERE))
                    .build());
    assertEquals(
        ErrorReason.ERROR_REASON_NOT_PERMITTED, response.getResults(0).getError().getReason());
    assertEquals(Decision.DECISION_ALLOW, response.getResults(1).getResponse().getDecision());
    assertEquals(
        ErrorReason.ERROR_REASON_NOT_PERMITTED, response.getResults(2).getError().getReason());
  }

  @Test
  void streamCheck_itemsBeyondTheBounds_failAlone() {
    CompletableFuture<List<StreamCheckResponse>> all = new CompletableFuture<>();
    List<StreamCheckResponse> seen = new ArrayList<>();
    StreamObserver<StreamCheckRequest> questions =
        bed.stream(scorer())
            .streamCheck(
                new StreamObserver<>() {
                  @Override
                  public void onNext(StreamCheckResponse response) {
                    seen.add(response);
                  }

                  @Override
                  public void onError(Throwable thrown) {
                    all.completeExceptionally(thrown);
                  }

                  @Override
                  public void onCompleted() {
                    all.complete(seen);
                  }
                });
    questions.onNext(
        StreamCheckRequest.newBuilder().setId(1).setCheck(question(BEN, FRAUD)).build());
    questions.onNext(
        StreamCheckRequest.newBuilder().setId(2).setCheck(question(ANA, FRAUD)).build());
    questions.onCompleted();
    for (StreamCheckResponse response : all.orTimeout(20, TimeUnit.SECONDS).join()) {
      assertEquals(response.getId() == 1, response.hasError());
    }
    assertEquals(2, seen.size());
  }

  @Test
  void listActions_beyondTheBounds_isRefused() {
    AuthorizationServiceBlockingStub data = bed.data(scorer());
    assertTrue(data.listActions(actions(ANA)).getActionsCount() > 0);
    refused(Fault.NOT_PERMITTED, () -> data.listActions(actions(BEN)));
  }

  /** They take the right to what they show, too; the token has it, the bound is the caller's. */
  @Test
  void lookupsAndExplain_beyondTheBounds_areRefused() {
    bed.plane.principal(SCORER);
    bed.plane.share(ACME, SCORER, "owner");
    AuthorizationServiceBlockingStub data = bed.data(scorer());
    assertEquals(1, data.lookupResources(resources(ANA, ACME)).getResourcesCount());
    refused(Fault.NOT_PERMITTED, () -> data.lookupResources(resources(BEN, ACME)));
    refused(Fault.NOT_PERMITTED, () -> data.lookupResources(resources(ANA, "organizations/other")));
    assertEquals(Decision.DECISION_ALLOW, data.explain(explain(ANA)).getDecision());
    refused(Fault.NOT_PERMITTED, () -> data.explain(explain(BEN)));
    LookupPrincipalsRequest all =
        LookupPrincipalsRequest.newBuilder().setResource(FRAUD).setAction("predict").build();
    refused(Fault.NOT_PERMITTED, () -> data.lookupPrincipals(all));
    again(Optional.empty(), List.of("*"), false);
    bed.plane.principal(SCORER);
    bed.plane.share(ACME, SCORER, "owner");
    assertTrue(bed.data(scorer()).lookupPrincipals(all).getPrincipalsCount() > 0);
  }

  @Test
  void watchChanges_ofAnotherOrganization_isRefused() {
    again(Optional.of(Set.of("other")), List.of("*"), false);
    bed.plane.principal(SCORER);
    bed.plane.share(ACME, SCORER, "owner");
    WatchChangesRequest watch = WatchChangesRequest.newBuilder().setOrganization(ACME).build();
    refused(Fault.NOT_PERMITTED, () -> bed.admin(scorer()).watchChanges(watch).hasNext());
    again(Optional.of(Set.of("acme")), List.of("*"), false);
    bed.plane.principal(SCORER);
    bed.plane.share(ACME, SCORER, "owner");
    assertTrue(bed.admin(scorer()).watchChanges(watch).hasNext());
  }

  @Test
  void caller_ofNoRule_asksAboutHimselfAlone() {
    AuthorizationServiceBlockingStub data = bed.data(bed.issue("ana", ANA));
    assertEquals(Decision.DECISION_ALLOW, data.check(question(ANA, FRAUD)).getDecision());
    refused(Fault.NOT_PERMITTED, () -> data.check(question(BEN, FRAUD)));
    refused(Fault.NOT_PERMITTED, () -> data.check(question("user:ana@acme.comx", FRAUD)));
  }

  @Test
  void self_isTheCallersPrincipal() {
    again(Optional.empty(), List.of(), true);
    AuthorizationServiceBlockingStub data = bed.data(scorer());
    assertEquals(Decision.DECISION_DENY, data.check(question(SCORER, FRAUD)).getDecision());
    refused(Fault.NOT_PERMITTED, () -> data.check(question(ANA, FRAUD)));
  }

  @Test
  void credential_boundToOrganizations_asksInThemAlone_withoutAnyRule() {
    bed.close();
    bed = new CallersBed(CallerRules.NONE);
    AuthorizationServiceBlockingStub data = bed.data(bed.issue("s", SCORER, "acme"));
    assertEquals(Decision.DECISION_ALLOW, data.check(question(ANA, FRAUD)).getDecision());
    refused(Fault.NOT_PERMITTED, () -> data.check(question(ANA, ELSEWHERE)));
    AuthorizationServiceBlockingStub unbound = bed.data(bed.issue("u", SCORER));
    assertEquals(Decision.DECISION_DENY, unbound.check(question(ANA, ELSEWHERE)).getDecision());
  }

  /** Hazard 35. */
  @Test
  void callerWithoutACredential_asksAboutAnybody_andListsNothing() {
    AuthorizationServiceBlockingStub data = bed.data("");
    assertEquals(Decision.DECISION_DENY, data.check(question(BEN, FRAUD)).getDecision());
    assertEquals(Decision.DECISION_DENY, data.check(question(ANA, ELSEWHERE)).getDecision());
    assertFalse(data.listActions(actions(ANA)).getActionsList().isEmpty());
    refused(Fault.UNAUTHENTICATED, () -> data.lookupResources(resources(ANA, ACME)));
    refused(Fault.UNAUTHENTICATED, () -> data.explain(explain(ANA)));
    refused(
        Fault.UNAUTHENTICATED,
        () ->
            data.lookupPrincipals(
                LookupPrincipalsRequest.newBuilder()
                    .setResource(FRAUD)
                    .setAction("predict")
                    .build()));
  }

  private static CheckRequest question(String principal, String model) {
    return CheckRequest.newBuilder()
        .setPrincipal(principal)
        .setModel(model)
        .setAction("predict")
        .build();
  }

  private static ListActionsRequest actions(String principal) {
    return ListActionsRequest.newBuilder().setPrincipal(principal).setModel(FRAUD).build();
  }

  private static LookupResourcesRequest resources(String principal, String parent) {
    return LookupResourcesRequest.newBuilder()
        .setPrincipal(principal)
        .setAction("predict")
        .setParent(parent)
        .build();
  }

  private static ExplainRequest explain(String principal) {
    return ExplainRequest.newBuilder()
        .setPrincipal(principal)
        .setModel(FRAUD)
        .setAction("predict")
        .build();
  }
}
