package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Fault;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Revision;
import dev.modelgate.v1.Change;
import dev.modelgate.v1.ChangeEvent;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** WatchChanges: every change in order, from any revision on, by name. */
final class AdminWatchTest {
  private final AdminPlane plane = new AdminPlane();

  @BeforeEach
  void begin() {
    plane.withAcme();
  }

  @AfterEach
  void end() {
    plane.close();
  }

  @Test
  void watch_fromNow_tellsWhatFollows() {
    Iterator<WatchChangesResponse> watch = watch(ACME, "");
    WatchChangesResponse first = watch.next();
    assertFalse(first.hasEvent());
    assertFalse(first.getRevision().isEmpty());
    plane.share(FRAUD, BEN, "user");
    ChangeEvent shared = watch.next().getEvent();
    assertEquals("systemAdministrator", shared.getActor());
    assertEquals(
        Set.of(
            Change.ChangeCase.PRINCIPAL_PUT,
            Change.ChangeCase.GRANT_DELETE,
            Change.ChangeCase.GRANT_PUT),
        shared.getChangesList().stream().map(Change::getChangeCase).collect(toSet()));
    assertEquals(BEN, last(shared).getGrantPut().getPrincipal());
    assertEquals(FRAUD, last(shared).getGrantPut().getResource());
  }

  @Test
  void watch_resumedAnywhere_tellsTheSameEvents() {
    plane.share(FRAUD, BEN, "user");
    plane
        .as(ANA)
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(FRAUD)
                .setReason("left")
                .setRequestId("r1")
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_REMOVE)
                        .setPrincipal(BEN))
                .build());
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN).build());
    int count = (int) plane.live.current().organization("acme").orElseThrow().head().version();
    List<ChangeEvent> all = events(watch(ACME, revision(0)), count);
    for (int from = 0; from < count; from++) {
      assertEquals(all.subList(from, count), events(watch(ACME, revision(from)), count - from));
    }
    ChangeEvent removed = all.get(count - 2);
    assertEquals(ANA, removed.getOnBehalfOf());
    assertEquals("left", removed.getReason());
    assertEquals("r1", removed.getRequestId());
    assertEquals(BEN, removed.getChanges(0).getGrantDelete().getPrincipal());
    assertEquals(BEN, all.get(count - 1).getChanges(0).getPrincipalDelete().getPrincipal());
  }

  @Test
  void watch_ofSystem_tellsOrganizationsAndTheirSuspension() {
    Iterator<WatchChangesResponse> watch = watch("organizations/system", "");
    watch.next();
    plane
        .admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder().setOrganizationId("beta").build());
    assertEquals(
        "organizations/beta", watch.next().getEvent().getChanges(0).getOrganizationPut().getName());
    plane
        .admin()
        .suspend(
            SuspendRequest.newBuilder()
                .setTarget(SuspensionTarget.newBuilder().setOrganization("organizations/beta"))
                .build());
    assertEquals(
        "organizations/beta",
        watch.next().getEvent().getChanges(0).getSuspensionPut().getTarget().getOrganization());
  }

  @Test
  void revision_ofNoUse_isRefused() {
    refused(Fault.REVISION_INVALID, "from_revision", () -> watch(ACME, "?").next());
    refused(
        Fault.REVISION_OTHER_LINEAGE, "from_revision", () -> watch(ACME, otherLineage()).next());
    refused(Fault.REVISION_FUTURE, "from_revision", () -> watch(ACME, revision(1_000)).next());
    refused(Fault.NOT_FOUND, () -> watch("organizations/none", "").next());
  }

  @Test
  void watch_byOthers_isForAdministrators() {
    plane.principal(BEN);
    refused(
        Fault.NOT_PERMITTED,
        () ->
            plane
                .as(BEN)
                .watchChanges(WatchChangesRequest.newBuilder().setOrganization(ACME).build())
                .next());
  }

  @Test
  void watcher_whoLosesHisRight_isCutBeforeTheNextEvent() {
    plane.principal("user:chief@acme.com");
    plane.share(ACME, "user:chief@acme.com", "owner");
    Iterator<WatchChangesResponse> watch =
        plane.as(ANA).watchChanges(WatchChangesRequest.newBuilder().setOrganization(ACME).build());
    assertFalse(watch.next().hasEvent());
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(ACME)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_REMOVE)
                        .setPrincipal(ANA))
                .build());
    refused(Fault.NOT_PERMITTED, watch::next);
  }

  @Test
  void watches_oneTooMany_isRefusedAndCounted() {
    Context.CancellableContext context = Context.current().withCancellation();
    context.run(
        () -> {
          for (int i = 0; i < AdminPlane.WATCHES_MAX; i++) {
            assertFalse(watch(ACME, "").next().hasEvent());
          }
          StatusRuntimeException e =
              assertThrows(StatusRuntimeException.class, () -> watch(ACME, "").next());
          assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode());
          assertEquals(List.of("watches"), plane.limited);
        });
    context.cancel(null);
  }

  @Test
  void watches_cancelled_makeRoomForOthers() {
    for (int i = 0; i < 20; i++) {
      Context.CancellableContext context = Context.current().withCancellation();
      context.run(() -> assertFalse(watch(ACME, "").next().hasEvent()));
      context.cancel(null);
      waitUntilFree();
    }
  }

  /** A cancellation reaches the server a little later; a bounded number of tries waits for it. */
  private void waitUntilFree() {
    Context.CancellableContext context = Context.current().withCancellation();
    boolean[] free = {false};
    for (int tries = 0; tries < 100 && !free[0]; tries++) {
      context.run(
          () -> {
            try {
              free[0] = !watch(ACME, "").next().hasEvent();
            } catch (StatusRuntimeException e) {
              assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode());
              Thread.onSpinWait();
            }
          });
    }
    context.cancel(null);
    assertTrue(free[0]);
  }

  private Iterator<WatchChangesResponse> watch(String organization, String from) {
    return plane
        .admin()
        .watchChanges(
            WatchChangesRequest.newBuilder()
                .setOrganization(organization)
                .setFromRevision(from)
                .build());
  }

  private List<ChangeEvent> events(Iterator<WatchChangesResponse> watch, int count) {
    List<ChangeEvent> events = new ArrayList<>();
    assertFalse(watch.next().hasEvent());
    for (int i = 0; i < count; i++) {
      WatchChangesResponse message = watch.next();
      assertEquals(message.getRevision(), message.getEvent().getRevision());
      events.add(message.getEvent());
    }
    return events;
  }

  private String revision(long version) {
    Revision head = plane.live.current().organization("acme").orElseThrow().revision();
    return new Revision(head.lineage(), head.org(), version).token();
  }

  private String otherLineage() {
    Revision head = plane.live.current().organization("acme").orElseThrow().revision();
    return Revision.of(LineageId.random(), OrgHead.empty(head.org())).token();
  }

  private static Change last(ChangeEvent event) {
    return event.getChanges(event.getChangesCount() - 1);
  }
}
