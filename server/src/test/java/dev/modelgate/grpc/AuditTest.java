package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import dev.modelgate.app.commit.Sweeper;
import dev.modelgate.model.Fault;
import dev.modelgate.store.Revision;
import dev.modelgate.v1.AuditEvent;
import dev.modelgate.v1.AuditEvent.Kind;
import dev.modelgate.v1.Change.ChangeCase;
import dev.modelgate.v1.ChangeEvent;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.DenyRuleChange;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListAuditEventsRequest;
import dev.modelgate.v1.ListAuditEventsResponse;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.WatchChangesRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ListAuditEvents: the whole log by name, and what its filters and rights leave of it. */
final class AuditTest {
  private static final long T0 = 1_900_000_000L;
  private static final String CHURN = PROD + "/models/churn";
  private static final String CLEO = "user:cleo@acme.com";

  private final AtomicLong seconds = new AtomicLong(T0);
  private final InstantSource source = () -> Instant.ofEpochSecond(seconds.get());
  private final AdminPlane plane = new AdminPlane(clock(source));

  @BeforeEach
  void begin() {
    plane.withAcme();
    plane.resource(CHURN);
  }

  @AfterEach
  void end() {
    plane.close();
  }

  @Test
  void audit_unfiltered_isEveryCommitAsWatchersAreTold() {
    plane.share(FRAUD, BEN, "user");
    suspend(BEN);
    plane.admin().deletePrincipal(deletion(BEN));
    refused(Fault.NOT_FOUND, () -> plane.admin().deletePrincipal(deletion(BEN)));
    List<ChangeEvent> watched = new ArrayList<>();
    var watch = plane.admin().watchChanges(watchAll());
    watch.next();
    for (int i = 0; i < head(); i++) {
      watched.add(watch.next().getEvent());
    }
    assertEquals(watched, events(all().setOldestFirst(true)));
    Collections.reverse(watched);
    assertEquals(watched, events(all()));
  }

  @Test
  void audit_ofOneCommit_saysWhoWhenWhyAndWhat() {
    seconds.addAndGet(60);
    String revision =
        plane
            .as(ANA)
            .updateGrants(
                UpdateGrantsRequest.newBuilder()
                    .setResource(FRAUD)
                    .setRequestId("r1")
                    .setReason("joins the team")
                    .addChanges(
                        GrantChange.newBuilder()
                            .setMode(GrantChange.Mode.MODE_SET)
                            .setPrincipal(BEN)
                            .setRole("user"))
                    .build())
            .getRevision();
    AuditEvent event = list(all().setPageSize(1)).get(0);
    assertEquals(revision, event.getEvent().getRevision());
    assertEquals(ANA, event.getEvent().getOnBehalfOf());
    assertEquals("joins the team", event.getEvent().getReason());
    assertEquals("r1", event.getEvent().getRequestId());
    assertEquals(T0 + 60, event.getEvent().getAt().getSeconds());
    assertEquals(List.of(Kind.KIND_PRINCIPAL, Kind.KIND_GRANT), event.getKindsList());
    assertEquals(List.of(FRAUD), event.getResourcesList());
    assertEquals(List.of(BEN), event.getPrincipalsList());
    assertEquals(3, event.getChangeCount());
    assertEquals(
        List.of(ChangeCase.PRINCIPAL_PUT, ChangeCase.GRANT_DELETE, ChangeCase.GRANT_PUT),
        event.getEvent().getChangesList().stream().map(c -> c.getChangeCase()).toList());
  }

  @Test
  void audit_filteredByActor_isOfHimAlone() {
    plane.principal(BEN);
    plane.share(FRAUD, BEN, "editor");
    seconds.addAndGet(1);
    share(FRAUD, ANA, CLEO);
    assertEquals(1, list(all().setActor(ANA)).size());
    assertEquals(List.of(CLEO), list(all().setActor(ANA)).get(0).getPrincipalsList());
    assertEquals(0, list(all().setActor(BEN)).size());
    assertEquals(head(), list(all().setActor("systemAdministrator")).size());
  }

  @Test
  void audit_filteredByPrincipal_showsWhatNamesHim() {
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(FRAUD)
                .addChanges(merge(BEN))
                .addChanges(merge(CLEO))
                .build());
    plane.principal("group:risk");
    plane.admin().updateMemberships(TypePlane.membership(true, "group:risk", BEN));
    suspend(BEN);
    plane.admin().deletePrincipal(deletion(BEN));
    List<AuditEvent> events = list(all().setPrincipal(BEN).setOldestFirst(true));
    assertEquals(
        List.of(
            List.of(Kind.KIND_PRINCIPAL, Kind.KIND_GRANT),
            List.of(Kind.KIND_MEMBERSHIP),
            List.of(Kind.KIND_SUSPENSION),
            List.of(Kind.KIND_PRINCIPAL, Kind.KIND_SUSPENSION)),
        events.stream().map(AuditEvent::getKindsList).toList());
    assertEquals(List.of(BEN), events.get(0).getPrincipalsList());
    assertEquals(2, list(all().setPrincipal("group:risk")).size());
  }

  @Test
  void audit_filteredByResource_showsItAndWhatIsBelow() {
    plane.share(CHURN, BEN, "user");
    plane.share(FRAUD, BEN, "user");
    plane.share(PROD, BEN, "user");
    assertEquals(2, list(all().setResource(FRAUD)).size());
    assertEquals(
        List.of(PROD, FRAUD, CHURN, CHURN, FRAUD, PROD),
        list(all().setResource(PROD).setOldestFirst(true)).stream()
            .map(event -> event.getResources(0))
            .toList());
    assertEquals(0, list(all().setResource(PROD + "/models/frau")).size());
    plane.admin().deleteResource(DeleteResourceRequest.newBuilder().setName(FRAUD).build());
    AuditEvent deleted = list(all().setResource(FRAUD)).get(0);
    assertEquals(ChangeCase.RESOURCE_DELETE, deleted.getEvent().getChanges(0).getChangeCase());
  }

  @Test
  void audit_filteredByKind_showsOnlyThoseChanges() {
    plane.share(FRAUD, BEN, "user");
    AuditEvent event = list(all().addKinds(Kind.KIND_PRINCIPAL).setPageSize(1)).get(0);
    assertEquals(List.of(Kind.KIND_PRINCIPAL), event.getKindsList());
    assertEquals(1, event.getEvent().getChangesCount());
    assertEquals(1, event.getChangeCount());
    assertEquals(1, list(all().addKinds(Kind.KIND_PROFILE)).size());
    assertEquals(
        2,
        list(all().addKinds(Kind.KIND_GRANT).setPrincipal(BEN).addKinds(Kind.KIND_PRINCIPAL))
            .get(0)
            .getKindsCount());
  }

  @Test
  void audit_filteredByTime_isOfThatTime() {
    for (int i = 0; i < 5; i++) {
      seconds.addAndGet(10);
      plane.principal("user:u" + i + "@acme.com");
    }
    assertEquals(
        List.of("user:u1@acme.com", "user:u2@acme.com"),
        list(all().setFromTime(time(20)).setUntilTime(time(40)).setOldestFirst(true)).stream()
            .map(event -> event.getPrincipals(0))
            .toList());
    assertEquals(0, list(all().setFromTime(time(51))).size());
    assertEquals(0, list(all().setUntilTime(time(0))).size());
    assertEquals(1, list(all().setFromTime(time(50))).size());
    assertEquals(head() - 5, list(all().setUntilTime(time(10))).size());
    refused(
        Fault.INVALID_FIELD,
        "until_time",
        () -> list(all().setFromTime(time(5)).setUntilTime(time(5))));
  }

  @Test
  void audit_inPages_isWholeInBothOrdersAndBoundToItsFilters() {
    for (int i = 0; i < 20; i++) {
      plane.principal("user:u" + i + "@acme.com");
    }
    for (boolean oldestFirst : List.of(true, false)) {
      ListAuditEventsRequest.Builder request = all().setOldestFirst(oldestFirst);
      List<AuditEvent> whole = list(request);
      assertEquals(head(), whole.size());
      List<AuditEvent> paged = new ArrayList<>();
      request.setPageSize(7);
      do {
        ListAuditEventsResponse page = plane.admin().listAuditEvents(request.build());
        paged.addAll(page.getEventsList());
        request.setPageToken(page.getNextPageToken());
        refused(
            Fault.PAGE_TOKEN_INVALID,
            () ->
                plane
                    .admin()
                    .listAuditEvents(request.clone().setActor(ANA).setPageToken("x").build()));
        if (!request.getPageToken().isEmpty()) {
          refused(
              Fault.PAGE_TOKEN_INVALID,
              () ->
                  plane
                      .admin()
                      .listAuditEvents(request.clone().setOldestFirst(!oldestFirst).build()));
        }
        plane.principal("user:meanwhile@acme.com");
      } while (!request.getPageToken().isEmpty() && paged.size() < whole.size());
      assertEquals(whole, paged.subList(0, whole.size()));
    }
  }

  @Test
  void audit_ofALargeCommit_showsTheFirstChangesAndCountsAll() {
    UpdateGrantsRequest.Builder request = UpdateGrantsRequest.newBuilder().setResource(FRAUD);
    for (int i = 0; i < 150; i++) {
      request.addChanges(merge("user:u" + i + "@acme.com"));
    }
    plane.admin().updateGrants(request.build());
    AuditEvent event = list(all().setPageSize(1)).get(0);
    assertEquals(450, event.getChangeCount());
    assertEquals(100, event.getEvent().getChangesCount());
    AuditEvent ofOne = list(all().setPrincipal("user:u149@acme.com").setPageSize(1)).get(0);
    assertEquals(3, ofOne.getChangeCount());
    assertEquals(3, ofOne.getEvent().getChangesCount());
  }

  @Test
  void audit_inWhichLittleIsFound_givesShortPagesThatGoOn() {
    for (int i = 0; i < 1_100; i++) {
      plane.principal("user:u" + i + "@acme.com");
    }
    ListAuditEventsRequest.Builder request = all().addKinds(Kind.KIND_PROFILE);
    ListAuditEventsResponse first = plane.admin().listAuditEvents(request.build());
    assertEquals(0, first.getEventsCount());
    ListAuditEventsResponse second =
        plane.admin().listAuditEvents(request.setPageToken(first.getNextPageToken()).build());
    assertEquals(1, second.getEventsCount());
    assertEquals("", second.getNextPageToken());
  }

  @Test
  void audit_ofTheSweeper_isToldWithoutChanges() throws InterruptedException {
    plane.share(FRAUD, BEN, "user");
    plane.admin().deletePrincipal(deletion(BEN));
    try (Sweeper sweeper = new Sweeper(plane.live, plane.committer, plane.clock, Duration.ZERO)) {
      sweeper.sweep();
    }
    List<AuditEvent> swept = list(all().addKinds(Kind.KIND_SWEEP));
    assertFalse(swept.isEmpty());
    assertEquals("modelgate:sweeper", swept.get(0).getEvent().getActor());
    assertEquals(0, swept.get(0).getChangeCount());
    assertTrue(list(all().setPrincipal(BEN)).stream().noneMatch(swept::contains));
  }

  @Test
  void audit_ofSystem_isForTheSystemAdministrator() {
    plane
        .admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder().setOrganizationId("beta").build());
    AuditEvent event = list(all().setOrganization("organizations/system").setPageSize(1)).get(0);
    assertEquals(List.of(Kind.KIND_ORGANIZATION), event.getKindsList());
    assertEquals(
        "organizations/beta", event.getEvent().getChanges(0).getOrganizationPut().getName());
  }

  @Test
  void audit_byOthers_showsWhatConcernsResourcesWhoseGrantsTheyRead() {
    plane.principal(BEN);
    plane.share(FRAUD, BEN, "editor");
    refused(Fault.NOT_PERMITTED, () -> plane.as(BEN).listAuditEvents(all().build()));
    refused(Fault.NOT_FOUND, () -> ofBen(CHURN));
    plane.principal(CLEO);
    plane.share(FRAUD, CLEO, "user");
    refused(
        Fault.NOT_PERMITTED,
        () -> plane.as(CLEO).listAuditEvents(all().setResource(FRAUD).build()));
    plane
        .admin()
        .suspend(
            SuspendRequest.newBuilder()
                .setReason("incident 7")
                .setTarget(SuspensionTarget.newBuilder().setResource(FRAUD))
                .build());
    plane
        .admin()
        .resume(
            ResumeRequest.newBuilder()
                .setTarget(SuspensionTarget.newBuilder().setResource(FRAUD))
                .build());
    plane.principal("group:risk");
    plane
        .admin()
        .updateDenyRules(
            DenyRulesTest.request(
                    DenyRulesTest.change(
                        DenyRuleChange.Operation.OPERATION_PUT, DenyRulesTest.rule("freeze")))
                .build());
    assertEquals(1, list(all().setResource(FRAUD).addKinds(Kind.KIND_DENY_RULE)).size());
    share(FRAUD, ANA, "user:dan@acme.com");
    List<AuditEvent> seen = ofBen(FRAUD);
    assertEquals(
        List.of(
            List.of(Kind.KIND_GRANT),
            List.of(Kind.KIND_SUSPENSION),
            List.of(Kind.KIND_SUSPENSION),
            List.of(Kind.KIND_GRANT),
            List.of(Kind.KIND_GRANT),
            List.of(Kind.KIND_RESOURCE, Kind.KIND_GRANT)),
        seen.stream().map(AuditEvent::getKindsList).toList());
    assertTrue(seen.stream().allMatch(event -> event.getResourcesList().equals(List.of(FRAUD))));
    refused(Fault.NOT_FOUND, () -> ofBen(PROD));
  }

  @Test
  void audit_byOthers_doesNotShowThePastOfADeletedNamesake() {
    plane.share(FRAUD, CLEO, "user");
    plane.admin().deleteResource(DeleteResourceRequest.newBuilder().setName(FRAUD).build());
    plane.resource(FRAUD);
    plane.share(FRAUD, BEN, "editor");
    assertEquals(2, ofBen(FRAUD).size());
    assertTrue(ofBen(FRAUD).stream().noneMatch(e -> e.getPrincipalsList().contains(CLEO)));
    assertEquals(5, list(all().setResource(FRAUD)).size());
  }

  @Test
  void filter_ofNoUse_isRefused() {
    refused(
        Fault.INVALID_FIELD,
        "resource",
        () -> list(all().setResource("organizations/beta/models/m")));
    refused(Fault.INVALID_FIELD, "kinds[0]", () -> list(all().addKindsValue(0)));
    refused(Fault.INVALID_FIELD, "kinds[0]", () -> list(all().addKindsValue(99)));
    refused(Fault.INVALID_FIELD, "page_size", () -> list(all().setPageSize(1_001)));
    refused(Fault.LIMIT_EXCEEDED, "actor", () -> list(all().setActor("x".repeat(513))));
    refused(Fault.NOT_FOUND, () -> list(all().setOrganization("organizations/none")));
  }

  private List<AuditEvent> ofBen(String resource) {
    return plane.as(BEN).listAuditEvents(all().setResource(resource).build()).getEventsList();
  }

  private List<AuditEvent> list(ListAuditEventsRequest.Builder request) {
    return plane.admin().listAuditEvents(request.build()).getEventsList();
  }

  private List<ChangeEvent> events(ListAuditEventsRequest.Builder request) {
    return list(request).stream().map(AuditEvent::getEvent).toList();
  }

  private static ListAuditEventsRequest.Builder all() {
    return ListAuditEventsRequest.newBuilder().setOrganization(ACME);
  }

  private long head() {
    return plane.live.current().organization("acme").orElseThrow().head().version();
  }

  private WatchChangesRequest watchAll() {
    var head = plane.live.current().organization("acme").orElseThrow().revision();
    String start = new Revision(head.lineage(), head.org(), 0).token();
    return WatchChangesRequest.newBuilder().setOrganization(ACME).setFromRevision(start).build();
  }

  private void suspend(String principal) {
    plane
        .admin()
        .suspend(
            SuspendRequest.newBuilder()
                .setTarget(
                    SuspensionTarget.newBuilder()
                        .setPrincipal(
                            PrincipalTarget.newBuilder()
                                .setOrganization(ACME)
                                .setPrincipal(principal)))
                .build());
  }

  private void share(String resource, String actor, String recipient) {
    plane
        .as(actor)
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(resource)
                .addChanges(merge(recipient))
                .build());
  }

  private static GrantChange.Builder merge(String principal) {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_MERGE)
        .setPrincipal(principal)
        .setRole("user");
  }

  private static DeletePrincipalRequest deletion(String principal) {
    return DeletePrincipalRequest.newBuilder()
        .setOrganization(ACME)
        .setPrincipal(principal)
        .build();
  }

  private static Timestamp time(long secondsAfter) {
    return Timestamp.newBuilder().setSeconds(T0 + secondsAfter).build();
  }

  private static Clock clock(InstantSource source) {
    return source.withZone(ZoneOffset.UTC);
  }
}
