package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.Site.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.commit.AlarmingCommitter;
import dev.modelgate.app.commit.Committer;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.BreakGlassRequest;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListAuditEventsRequest;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.WatchEventsRequest;
import dev.modelgate.v1.WatchEventsResponse;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Access in an emergency: for a time, with a reason, seen by everybody who should. */
final class BreakGlassTest {
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String RAY = "user:ray@acme.com";
  private static final String FRAUD = ACME + "/models/fraud";

  private final Site site = new Site("modelgate");

  /** Ana owns fraud, Ray responds to emergencies, Ben has nothing. */
  @BeforeEach
  void fill() {
    site.principals(ANA, BEN, RAY, "group:risk");
    site.resource(FRAUD, ANA);
    share(ACME, RAY, "responder", 0);
  }

  @AfterEach
  void close() {
    site.close();
  }

  @Test
  void responder_givesWhatHeDoesNotHold_untilItEndsByItself() {
    assertEquals("NO_GRANT", answer(BEN, "train"));
    assertEquals("ACCESS", answer(RAY, "train"));
    breakGlass(site.as(RAY), glass(BEN, "editor", 3_600));
    assertEquals("ALLOW", answer(BEN, "train"));
    assertEquals("ACCESS", answer(RAY, "train"));
    site.now.updateAndGet(now -> now.plusSeconds(3_600));
    assertEquals("NO_GRANT", answer(BEN, "train"));
  }

  @Test
  void others_mayNot_ownersAndAdministratorsIncluded() {
    for (String actor : List.of(ANA, Site.ADMIN)) {
      refused(Fault.NOT_PERMITTED, () -> breakGlass(site.as(actor), glass(BEN, "editor", 60)));
    }
    refused(Fault.NOT_FOUND, () -> breakGlass(site.as(BEN), glass(BEN, "editor", 60)));
    refused(Fault.CAP_EXCEEDED, () -> shareAs(site.as(Site.ADMIN), ACME, ANA, "responder", 0));
    breakGlass(site.admin(), glass(BEN, "editor", 60));
  }

  @Test
  void grant_isMarked_inListsAuditAndEvents() {
    Iterator<WatchEventsResponse> events =
        site.admin().watchEvents(WatchEventsRequest.newBuilder().setOrganization(ACME).build());
    assertTrue(events.next().getCursor().length() > 0);
    breakGlass(site.as(RAY), glass(BEN, "editor", 60));
    Grant grant = grants(BEN).get(0);
    assertEquals(Grant.Origin.ORIGIN_BREAK_GLASS, grant.getOrigin());
    assertEquals("incident 4711", grant.getNote());
    assertEquals(RAY, grant.getGrantedBy());
    WatchEventsResponse event = events.next();
    while (!event.hasEvent()) {
      event = events.next();
    }
    assertEquals(BEN, event.getEvent().getRecipient());
    assertEquals(Grant.Origin.ORIGIN_BREAK_GLASS, event.getEvent().getShared().getOrigin());
    var audited =
        site.admin()
            .listAuditEvents(
                ListAuditEventsRequest.newBuilder().setOrganization(ACME).setPageSize(1).build())
            .getEvents(0)
            .getEvent();
    assertEquals("incident 4711", audited.getReason());
    assertTrue(
        audited.getChangesList().stream()
            .anyMatch(
                change -> change.getGrantPut().getOrigin() == Grant.Origin.ORIGIN_BREAK_GLASS));
  }

  @Test
  void second_whileTheFirstLasts_isRefused_soThatNobodyProlongsIt() {
    breakGlass(site.as(RAY), glass(BEN, "user", 60));
    for (String role : List.of("user", "editor")) {
      refused(Fault.ALREADY_GRANTED, () -> breakGlass(site.as(RAY), glass(BEN, role, 3_600)));
    }
    site.now.updateAndGet(now -> now.plusSeconds(60));
    breakGlass(site.as(RAY), glass(BEN, "user", 60));
    assertEquals(1, grants(BEN).size());
  }

  @Test
  void grantThatIsThere_isNotReplacedByOneThatEnds() {
    share(FRAUD, BEN, "user", 0);
    refused(Fault.ALREADY_GRANTED, () -> breakGlass(site.as(RAY), glass(BEN, "user", 60)));
    breakGlass(site.as(RAY), glass(BEN, "editor", 60));
    site.now.updateAndGet(now -> now.plusSeconds(60));
    assertEquals("ALLOW", answer(BEN, "predict"));
    assertEquals("ACCESS", answer(BEN, "train"));
  }

  @Test
  void roleThatCouldOutlastIt_isRefused() {
    refused(Fault.INVALID_FIELD, "role", () -> breakGlass(site.as(RAY), glass(BEN, "owner", 60)));
    refused(
        Fault.INVALID_FIELD, "role", () -> breakGlass(site.as(RAY), glass(BEN, "responder", 60)));
    breakGlass(site.as(RAY), glass(BEN, "editor", 60));
    refused(Fault.NO_SHARE_RIGHT, () -> shareAs(site.as(BEN), FRAUD, RAY, "viewer", 0));
  }

  @Test
  void request_withoutReasonOrWithinNoBound_isRefused() {
    BreakGlassRequest good = glass(BEN, "user", 60);
    refused(
        Fault.INVALID_FIELD,
        "reason",
        () -> breakGlass(site.as(RAY), good.toBuilder().setReason(" ").build()));
    for (long seconds : new long[] {-1, 0, 14_401, Long.MAX_VALUE}) {
      refused(
          Fault.INVALID_FIELD,
          "duration",
          () -> breakGlass(site.as(RAY), glass(BEN, "user", seconds)));
    }
    for (String several : List.of("group:risk", "allUsers", "organization:acme")) {
      refused(Fault.KIND_NOT_ALLOWED, () -> breakGlass(site.as(RAY), glass(several, "user", 60)));
    }
    breakGlass(site.as(RAY), glass(BEN, "user", 14_400));
  }

  /** Hazard 24: it outlasts nothing that it rests on. */
  @Test
  void responderForATime_breaksGlassNoLonger() {
    share(ACME, ANA, "responder", 600);
    refused(Fault.NOT_PERMITTED, () -> breakGlass(site.as(ANA), glass(BEN, "user", 601)));
    breakGlass(site.as(ANA), glass(BEN, "user", 600));
  }

  @Test
  void alarm_isRaised_whenItIsDoneOrMayBe_andNotWhenItIsRefused() {
    for (Fault fault : List.of(Fault.OUTCOME_UNKNOWN, Fault.NOT_PERMITTED)) {
      AtomicInteger alarms = new AtomicInteger();
      Committer failing =
          (organization, order, command) ->
              CompletableFuture.failedFuture(Refusal.of(fault, "x").asException());
      Telemetry counting =
          new Telemetry() {
            @Override
            public void glassBroken() {
              alarms.incrementAndGet();
            }
          };
      Command broken =
          new Command.BreakGlass(
              ResourceName.parse(FRAUD), PrincipalName.parse(BEN), "user", false, 60);
      var outcome =
          new AlarmingCommitter(failing, counting)
              .commit("acme", Order.of(Requester.SYSTEM_ADMINISTRATOR), broken);
      assertTrue(outcome.toCompletableFuture().isCompletedExceptionally());
      assertEquals(fault == Fault.OUTCOME_UNKNOWN ? 1 : 0, alarms.get());
    }
  }

  private String answer(String principal, String action) {
    return site.check(principal, FRAUD, action);
  }

  private List<Grant> grants(String principal) {
    return site
        .admin()
        .listGrants(ListGrantsRequest.newBuilder().setResource(FRAUD).build())
        .getGrantsList()
        .stream()
        .filter(grant -> grant.getPrincipal().equals(principal))
        .toList();
  }

  private static BreakGlassRequest glass(String principal, String role, long seconds) {
    return BreakGlassRequest.newBuilder()
        .setResource(FRAUD)
        .setPrincipal(principal)
        .setRole(role)
        .setDuration(Duration.newBuilder().setSeconds(seconds))
        .setReason("incident 4711")
        .build();
  }

  private static void breakGlass(AdminServiceBlockingStub admin, BreakGlassRequest request) {
    assertTrue(admin.breakGlass(request).getRevision().length() > 0);
  }

  private void share(String resource, String principal, String role, long seconds) {
    shareAs(site.admin(), resource, principal, role, seconds);
  }

  private void shareAs(
      AdminServiceBlockingStub admin,
      String resource,
      String principal,
      String role,
      long seconds) {
    GrantChange.Builder change =
        GrantChange.newBuilder()
            .setMode(GrantChange.Mode.MODE_MERGE)
            .setPrincipal(principal)
            .setRole(role);
    if (seconds > 0) {
      change.setExpiresAt(
          com.google.protobuf.Timestamp.newBuilder()
              .setSeconds(site.time().getEpochSecond() + seconds));
    }
    assertTrue(
        admin
                .updateGrants(
                    UpdateGrantsRequest.newBuilder()
                        .setResource(resource)
                        .addChanges(change)
                        .build())
                .getRevision()
                .length()
            > 0);
  }
}
