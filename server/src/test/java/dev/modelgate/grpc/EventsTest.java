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

import dev.modelgate.model.Fault;
import dev.modelgate.rows.Row;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.Revision;
import dev.modelgate.store.StoreException;
import dev.modelgate.v1.Binding;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.Event;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.Policy;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.SetPolicyRequest;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.WatchEventsRequest;
import dev.modelgate.v1.WatchEventsResponse;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Notes of grants, and WatchEvents: who is told of what, once and in order. */
final class EventsTest {
  private static final String CLEO = "user:cleo@acme.com";
  private static final String DAN = "user:dan@acme.com";
  private static final String TABLE = PROD + "/tables/results";
  private static final GrantChange.Mode REMOVE = GrantChange.Mode.MODE_REMOVE;

  private final AtomicBoolean fails = new AtomicBoolean();
  private final AdminPlane plane = new AdminPlane(Clock.systemUTC(), new FailingOnce());

  @BeforeEach
  void begin() {
    plane.withAcme();
  }

  @AfterEach
  void end() {
    plane.close();
  }

  @Test
  @Row("F134")
  void share_thatNotifies_isOneEventPerRecipientWithTheNote() {
    Iterator<WatchEventsResponse> watch = watch("");
    assertFalse(watch.next().hasEvent());
    String revision =
        plane
            .as(ANA)
            .updateGrants(
                request(FRAUD, told(BEN, "for the audit"), told(CLEO, "hello"), quiet(DAN, "no"))
                    .setRequestId("r1")
                    .build())
            .getRevision();
    List<Event> events = List.of(watch.next().getEvent(), watch.next().getEvent());
    assertEquals(List.of(BEN, CLEO), events.stream().map(Event::getRecipient).sorted().toList());
    for (Event event : events) {
      Grant grant = event.getShared();
      assertEquals(event.getRecipient().equals(BEN) ? "for the audit" : "hello", grant.getNote());
      assertEquals(event.getRecipient(), grant.getPrincipal());
      assertEquals(FRAUD, grant.getResource());
      assertEquals("user", grant.getRole());
      assertEquals(revision, event.getRevision());
      assertEquals(ANA, event.getOnBehalfOf());
      assertEquals("r1", event.getRequestId());
    }
    plane.as(ANA).updateGrants(request(FRAUD, told(DAN, "last")).build());
    assertEquals(DAN, watch.next().getEvent().getRecipient(), "nothing came in between");
  }

  @Test
  @Row("F134")
  void share_thatFails_isNoEvent() {
    Iterator<WatchEventsResponse> watch = watch("");
    watch.next();
    refused(
        Fault.UNKNOWN_PRINCIPAL,
        () -> update(request(FRAUD, told(BEN, ""), told("group:none", ""))));
    refused(
        Fault.LAST_OWNER,
        () -> update(request(FRAUD, told(BEN, ""), set(ANA, "user").setNotify(true))));
    fails.set(true);
    refused(Fault.OUTCOME_UNKNOWN, () -> update(request(FRAUD, told(CLEO, "lost"))));
    updateWhenRecovered(request(FRAUD, told(DAN, "kept")));
    assertEquals(DAN, watch.next().getEvent().getRecipient());
    assertEquals(List.of(DAN), recipients(all()));
  }

  @Test
  void share_repeatedUnderOneRequestId_isOneEvent() {
    UpdateGrantsRequest request = request(FRAUD, told(BEN, "once")).setRequestId("r1").build();
    plane.admin().updateGrants(request);
    plane.admin().updateGrants(request);
    assertEquals(List.of(BEN), recipients(all()));
  }

  @Test
  void share_ofWhatIsHeldAlready_isTheEventThatWasAskedFor() {
    update(request(FRAUD, quiet(BEN, "note")));
    String etag = etag();
    update(request(FRAUD, quiet(BEN, "note")));
    assertEquals(List.of(), recipients(all()));
    update(request(FRAUD, told(BEN, "note")));
    List<Event> events = all();
    assertEquals(List.of(BEN), recipients(events));
    assertEquals("note", events.get(0).getShared().getNote());
    assertEquals(etag, etag(), "nothing changed");
  }

  @Test
  void share_besideOtherGrants_tellsOfTheNewOne() {
    update(request(FRAUD, quiet(BEN, "first")));
    update(request(FRAUD, merge(BEN, "editor").setNote("second").setNotify(true)));
    update(request(FRAUD, merge(BEN, "user").setNote("first").setNotify(true)));
    assertEquals(
        List.of("editor second", "user first"),
        all().stream()
            .map(event -> event.getShared().getRole() + " " + event.getShared().getNote())
            .toList());
  }

  @Test
  void share_withAnOwner_addsNothingAndTellsNothing() {
    update(request(FRAUD, merge(ANA, "user").setNotify(true)));
    assertEquals(List.of(), recipients(all()));
  }

  @Test
  @Row("F135")
  void share_thatDoesNotNotify_isNoEvent() {
    update(request(FRAUD, quiet(BEN, "")));
    assertEquals(List.of(), recipients(all()));
  }

  @Test
  @Row("F135")
  void share_ofAKindThatAlwaysNotifies_isAnEventForWhateverIsNew() {
    try (TypePlane typed = new TypePlane()) {
      typed.plane.resource(TABLE);
      typed.plane.admin().updateGrants(request(FRAUD, quiet(BEN, "")).build());
      for (int i = 0; i < 2; i++) {
        typed.plane.admin().updateGrants(request(TABLE, quiet(BEN, "yours")).build());
      }
      typed.plane.admin().updateGrants(request(TABLE, quiet(BEN, "still yours")).build());
      List<Event> events = all(typed.plane);
      assertEquals(List.of(BEN, BEN), recipients(events));
      assertEquals(
          List.of("yours", "still yours"),
          events.stream().map(event -> event.getShared().getNote()).toList());
      assertTrue(events.stream().allMatch(event -> event.getShared().getResource().equals(TABLE)));
    }
  }

  @Test
  void policyAndTransfer_ofAKindThatAlwaysNotifies_tellOfEveryNewGrant() {
    try (TypePlane typed = new TypePlane()) {
      typed.plane.resource(TABLE);
      var admin = typed.plane.admin();
      Policy policy =
          admin.getPolicy(GetPolicyRequest.newBuilder().setResource(TABLE).build()).getPolicy();
      admin.setPolicy(
          SetPolicyRequest.newBuilder()
              .setResource(TABLE)
              .setPolicy(
                  policy.toBuilder()
                      .addBindings(Binding.newBuilder().setRole("user").addMembers(BEN))
                      .addBindings(Binding.newBuilder().setRole("editor").addMembers(BEN)))
              .build());
      admin.transferOwnership(
          TransferOwnershipRequest.newBuilder().setResource(TABLE).setNewOwner(CLEO).build());
      List<Event> events = all(typed.plane);
      assertEquals(List.of(BEN, BEN, CLEO), recipients(events));
      assertEquals(
          List.of("editor", "owner", "user"),
          events.stream().map(event -> event.getShared().getRole()).sorted().toList());
    }
  }

  @Test
  @Row("F135")
  void share_ofACustomModelAsInDataRobot_isAnEventUnasked() {
    String custom = "organizations/robots/customModels/churn";
    String deployment = "organizations/robots/deployments/churn";
    plane
        .admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder()
                .setOrganizationId("robots")
                .setProfile("datarobot")
                .setOwner(ANA)
                .build());
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization("organizations/robots")
                .setPrincipal(BEN)
                .build());
    plane.resource(custom);
    plane.resource(deployment);
    Iterator<WatchEventsResponse> watch =
        plane
            .as(ANA)
            .watchEvents(
                WatchEventsRequest.newBuilder().setOrganization("organizations/robots").build());
    watch.next();
    update(request(deployment, merge(BEN, "user").setNote("unasked")));
    update(request(custom, merge(BEN, "consumer")));
    Event event = watch.next().getEvent();
    assertEquals(custom, event.getShared().getResource());
    assertEquals(BEN, event.getRecipient());
    assertEquals("consumer", event.getShared().getRole());
  }

  @Test
  @Row("F136")
  void note_withoutNotification_isStoredAndNotDelivered() {
    update(request(FRAUD, quiet(BEN, "between us")));
    Grant stored =
        plane
            .admin()
            .listGrants(ListGrantsRequest.newBuilder().setResource(FRAUD).setPrincipal(BEN).build())
            .getGrants(0);
    assertEquals("between us", stored.getNote());
    update(request(FRAUD, told(CLEO, "for you")));
    List<Event> events = all();
    assertEquals(List.of(CLEO), recipients(events));
    assertEquals("for you", events.get(0).getShared().getNote());
  }

  @Test
  void watch_resumedAtAnyCursor_tellsTheRestOnce() {
    update(request(FRAUD, told(BEN, "1"), told(CLEO, "2"), told(DAN, "3")));
    plane.share(PROD, BEN, "user");
    update(request(PROD, told(CLEO, "4")));
    List<WatchEventsResponse> told = messages(plane, revision(0), 4);
    for (int from = 0; from < told.size(); from++) {
      assertEquals(
          told.subList(from + 1, told.size()),
          messages(plane, told.get(from).getCursor(), told.size() - from - 1));
    }
    assertEquals(4, told.stream().map(WatchEventsResponse::getCursor).distinct().count());
    assertEquals(List.of("4"), notes(messages(plane, revision(head() - 2), 1)));
  }

  @Test
  void watch_overALongLogWithoutEvents_saysHowFarItIs() {
    String start = revision(head());
    for (int i = 0; i < 300; i++) {
      plane.principal("user:u" + i + "@acme.com");
    }
    update(request(FRAUD, told(BEN, "at last")));
    Iterator<WatchEventsResponse> watch = watch(start);
    watch.next();
    WatchEventsResponse onTheWay = watch.next();
    assertFalse(onTheWay.hasEvent());
    WatchEventsResponse event = watch.next();
    assertEquals("at last", event.getEvent().getShared().getNote());
    Iterator<WatchEventsResponse> resumed = watch(onTheWay.getCursor());
    assertEquals(onTheWay.getCursor(), resumed.next().getCursor());
    assertEquals(event, resumed.next());
  }

  @Test
  void cursor_ofNoUse_isRefused() {
    for (String cursor : List.of("?", revision(0) + ".", revision(0) + ".0", revision(0) + ".01")) {
      refused(Fault.REVISION_INVALID, "from_cursor", () -> watch(cursor).next());
    }
    refused(Fault.REVISION_FUTURE, "from_cursor", () -> watch(revision(head() + 1)).next());
  }

  @Test
  void watch_byOthers_isForAdministratorsAndEndsWithTheirRight() {
    plane.principal(BEN);
    refused(Fault.NOT_PERMITTED, () -> plane.as(BEN).watchEvents(from("")).next());
    plane.share(ACME, BEN, "owner");
    Iterator<WatchEventsResponse> watch = plane.as(BEN).watchEvents(from(""));
    assertFalse(watch.next().hasEvent());
    update(request(ACME, GrantChange.newBuilder().setPrincipal(BEN).setMode(REMOVE)));
    refused(Fault.NOT_PERMITTED, watch::next);
  }

  @Test
  void notify_withARemoval_isRefused() {
    GrantChange.Builder removal =
        GrantChange.newBuilder().setMode(REMOVE).setPrincipal(BEN).setNotify(true);
    refused(Fault.INVALID_FIELD, "changes[0].notify", () -> update(request(FRAUD, removal)));
  }

  /** The events so far; a last one that the test knows ends them. */
  private List<Event> all() {
    return all(plane);
  }

  private static List<Event> all(AdminPlane plane) {
    String revision =
        plane
            .admin()
            .updateGrants(request(PROD, told("user:end@acme.com", "end")).build())
            .getRevision();
    List<Event> events = new ArrayList<>();
    Iterator<WatchEventsResponse> watch = plane.admin().watchEvents(from(revision(plane, 0)));
    watch.next();
    for (Event next = watch.next().getEvent();
        !next.getRevision().equals(revision);
        next = watch.next().getEvent()) {
      if (!next.getRecipient().equals("user:end@acme.com")) {
        events.add(next);
      }
    }
    return events;
  }

  private static List<WatchEventsResponse> messages(AdminPlane plane, String cursor, int count) {
    Iterator<WatchEventsResponse> watch = plane.admin().watchEvents(from(cursor));
    assertEquals(cursor, watch.next().getCursor());
    List<WatchEventsResponse> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(watch.next());
    }
    return messages;
  }

  private static List<String> notes(List<WatchEventsResponse> messages) {
    return messages.stream().map(message -> message.getEvent().getShared().getNote()).toList();
  }

  private static List<String> recipients(List<Event> events) {
    return events.stream().map(Event::getRecipient).toList();
  }

  private Iterator<WatchEventsResponse> watch(String cursor) {
    return plane.admin().watchEvents(from(cursor));
  }

  private static WatchEventsRequest from(String cursor) {
    return WatchEventsRequest.newBuilder().setOrganization(ACME).setFromCursor(cursor).build();
  }

  private void update(UpdateGrantsRequest.Builder request) {
    plane.admin().updateGrants(request.build());
  }

  /** The store takes no changes while it recovers; waits 10 s at most. */
  private void updateWhenRecovered(UpdateGrantsRequest.Builder request) {
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (plane.log.isFenced() && System.nanoTime() < endNanos) {
      Thread.onSpinWait();
    }
    update(request);
  }

  private String etag() {
    return plane
        .admin()
        .listGrants(ListGrantsRequest.newBuilder().setResource(FRAUD).build())
        .getEtag();
  }

  private long head() {
    return plane.live.current().organization("acme").orElseThrow().head().version();
  }

  private String revision(long version) {
    return revision(plane, version);
  }

  private static String revision(AdminPlane plane, long version) {
    Revision head = plane.live.current().organization("acme").orElseThrow().revision();
    return new Revision(head.lineage(), head.org(), version).token();
  }

  private static UpdateGrantsRequest.Builder request(
      String resource, GrantChange.Builder... changes) {
    UpdateGrantsRequest.Builder request = UpdateGrantsRequest.newBuilder().setResource(resource);
    List.of(changes).forEach(request::addChanges);
    return request;
  }

  private static GrantChange.Builder told(String principal, String note) {
    return quiet(principal, note).setNotify(true);
  }

  private static GrantChange.Builder quiet(String principal, String note) {
    return merge(principal, "user").setNote(note);
  }

  private static GrantChange.Builder merge(String principal, String role) {
    return set(principal, role).setMode(GrantChange.Mode.MODE_MERGE);
  }

  private static GrantChange.Builder set(String principal, String role) {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_SET)
        .setPrincipal(principal)
        .setRole(role);
  }

  /** Loses the next write when told to. */
  private final class FailingOnce implements MemoryReplica.Faults {
    @Override
    public void beforeWrite(List<Positioned> batch) {
      if (fails.getAndSet(false)) {
        throw new StoreException("the sync failed and nothing is there");
      }
    }
  }
}
