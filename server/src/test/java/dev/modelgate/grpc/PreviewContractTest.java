package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.PreviewPlane.CLEO;
import static dev.modelgate.grpc.PreviewPlane.REPORT;
import static dev.modelgate.grpc.PreviewPlane.RISK;
import static dev.modelgate.grpc.PreviewPlane.share;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.PreviewRequest;
import dev.modelgate.v1.PreviewResponse;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutProfileRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.WatchEventsRequest;
import dev.modelgate.v1.WatchEventsResponse;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a preview promises beside its answer: its errors, whom it shows what, and no trace. */
final class PreviewContractTest {
  private static final String DAN = "user:dan@acme.com";

  private final PreviewPlane world = new PreviewPlane();
  private final AdminPlane plane = world.plane;

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void preview_ofWhatIsRefused_isRefusedInTheSameWords() {
    List<Message> wrong =
        List.of(
            UpdateGrantsRequest.newBuilder().setResource(FRAUD).build(),
            share(CLEO, "nothing").build(),
            share("group:none", "user").build(),
            share(CLEO, "user").setEtag("stale").build(),
            share(CLEO, "user").setResource(PROD + "/models/none").build(),
            share(CLEO, "user").setResource("organizations/none/models/m").build(),
            removal(ANA),
            removal(BEN),
            TransferOwnershipRequest.newBuilder()
                .setResource(FRAUD)
                .setNewOwner("group:none")
                .build(),
            CreateResourceRequest.newBuilder().setName(FRAUD).build(),
            CreateResourceRequest.newBuilder().setName(PROD + "/things/t").build(),
            DeleteResourceRequest.newBuilder().setName(PROD).build(),
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(DAN).build(),
            TypePlane.membership(true, RISK, RISK),
            PutExternalLinkRequest.newBuilder().setResource(FRAUD).setId("link").build(),
            PutProfileRequest.newBuilder().setOrganization(ACME).setBuiltIn("datarobot").build(),
            PutProfileRequest.newBuilder().setOrganization(ACME).setDocument("schema: 9").build(),
            CreateOrganizationRequest.newBuilder().setOrganizationId("acme").build(),
            CreateOrganizationRequest.newBuilder().setOrganizationId("b").setProfile("x").build(),
            SuspendRequest.newBuilder()
                .setTarget(SuspensionTarget.newBuilder().setOrganization("organizations/none"))
                .build());
    int differences = 0;
    for (String actor : List.of("", ANA, BEN, CLEO, DAN)) {
      var stub = actor.isEmpty() ? plane.admin() : plane.as(actor);
      for (Message mutation : wrong) {
        Errors previewed =
            Errors.of(
                assertThrows(
                    StatusRuntimeException.class,
                    () -> stub.preview(PreviewPlane.of(mutation).build()),
                    mutation::toString));
        Errors committed =
            Errors.of(
                assertThrows(
                    StatusRuntimeException.class, () -> PreviewPlane.commit(stub, mutation)));
        assertEquals(committed, previewed, () -> actor + " " + mutation);
        differences += committed.info().getReason().equals("ON_BEHALF_OF_INVALID") ? 0 : 1;
      }
    }
    assertTrue(differences > 3 * wrong.size(), "many reasons are met");
  }

  /** The negative twin: what somebody may not do tells him nothing, and nobody else is hindered. */
  @Test
  void preview_byWhoMayNotDoIt_isRefused() {
    UpdateGrantsRequest share = share(DAN, "user").build();
    refused(Fault.NOT_PERMITTED, () -> world.previewAs(CLEO, share));
    refused(Fault.NOT_FOUND, () -> world.previewAs(BEN, share));
    assertEquals(List.of(DAN + " models/fraud +get +predict"), world.previewAs(ANA, share));
  }

  /** Hazard 35: Cleo shares what she owns, and Dan's first record puts him in the organization. */
  @Test
  void preview_byWhoMayNotReadGrantsElsewhere_doesNotShowWhatChangesThere() {
    String own = PROD + "/models/own";
    plane
        .admin()
        .createResource(CreateResourceRequest.newBuilder().setName(own).setOwner(CLEO).build());
    plane.share(REPORT, "organization:acme", "user");
    mayBringIn();
    UpdateGrantsRequest share = share(DAN, "user").setResource(own).build();
    String shared = DAN + " models/own +get +predict";
    String elsewhere = DAN + " applications/report +get +launch";
    assertEquals(List.of(shared, "not complete"), world.previewAs(CLEO, share));
    assertEquals(List.of(elsewhere, shared), world.previewAs(ANA, share));
    assertEquals(List.of(elsewhere, shared), world.preview(share));
    world.types.grant(REPORT, CLEO, false, "grants.read");
    assertEquals(
        List.of(elsewhere, shared, "not complete"),
        world.previewAs(CLEO, share),
        "what she may read she is shown");
  }

  /** Whether anything changes where she may not look does not show either. */
  @Test
  void preview_byWhoMayNotReadGrantsElsewhere_isTheSameWhateverIsThere() {
    String own = PROD + "/models/own";
    plane
        .admin()
        .createResource(CreateResourceRequest.newBuilder().setName(own).setOwner(CLEO).build());
    mayBringIn();
    PreviewRequest request = PreviewPlane.of(share(DAN, "user").setResource(own).build()).build();
    PreviewResponse without = plane.as(CLEO).preview(request);
    plane.share(REPORT, "organization:acme", "user");
    PreviewResponse with = plane.as(CLEO).preview(request);
    assertEquals(
        without.toBuilder().clearRevision().build(), with.toBuilder().clearRevision().build());
    assertFalse(without.getComplete());
  }

  /** She may share what the whole organization has, or else she brings nobody in. */
  private void mayBringIn() {
    world.types.grant(REPORT, CLEO, true, "get", "launch", "grants.write");
  }

  @Test
  void preview_ofSomebodysOwnLeaving_showsHimWhatHeLoses() {
    assertEquals(
        List.of(CLEO + " models/fraud -get -predict"),
        world.previewAs(CLEO, removal(CLEO)),
        "without the right to read the grants");
  }

  @Test
  void preview_withARequestId_neitherUsesItNorRepeatsIt() {
    UpdateGrantsRequest share = share(DAN, "user").setRequestId("r1").build();
    assertEquals(1, world.preview(share).size());
    assertEquals(1, world.preview(share).size());
    plane.admin().updateGrants(share);
    assertEquals(List.of(), world.preview(share), "committed already: its repetition does nothing");
    refused(
        Fault.REQUEST_ID_REUSED,
        () -> world.preview(share.toBuilder().setReason("another").build()));
  }

  @Test
  void preview_ofAShareThatNotifies_tellsNobody() {
    Iterator<WatchEventsResponse> watch =
        plane.admin().watchEvents(WatchEventsRequest.newBuilder().setOrganization(ACME).build());
    assertFalse(watch.next().hasEvent());
    UpdateGrantsRequest.Builder share = share(DAN, "user");
    share.getChangesBuilder(0).setNotify(true).setNote("previewed");
    assertEquals(1, world.preview(share.build()).size());
    share.getChangesBuilder(0).setNote("committed");
    plane.admin().updateGrants(share.build());
    assertEquals("committed", watch.next().getEvent().getShared().getNote());
  }

  @Test
  void preview_withoutAMutation_isInvalid() {
    refused(
        Fault.INVALID_FIELD,
        "mutation",
        () -> plane.admin().preview(PreviewRequest.getDefaultInstance()));
    refused(
        Fault.INVALID_FIELD,
        "page_size",
        () -> plane.admin().preview(PreviewRequest.newBuilder().setPageSize(1_001).build()));
  }

  private static Message removal(String principal) {
    return UpdateGrantsRequest.newBuilder()
        .setResource(FRAUD)
        .addChanges(
            GrantChange.newBuilder().setMode(GrantChange.Mode.MODE_REMOVE).setPrincipal(principal))
        .build();
  }
}
