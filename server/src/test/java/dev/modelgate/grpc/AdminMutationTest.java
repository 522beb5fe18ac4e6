package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.FieldMask;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateOrganizationResponse;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.GetResourceRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.Organization;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.PutPrincipalResponse;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateGrantsResponse;
import dev.modelgate.v1.UpdateResourceRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mutations through the wire: idempotence, etags, creation and suspension of organizations. */
final class AdminMutationTest {
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
  void request_repeated_repeatsTheAnswer() {
    PutPrincipalRequest request = put("first").setRequestId("r1").build();
    PutPrincipalResponse answer = plane.admin().putPrincipal(request);
    plane.admin().putPrincipal(put("second").build());
    assertEquals(answer, plane.admin().putPrincipal(request));
    assertEquals("first", answer.getPrincipal().getDisplayName());
  }

  @Test
  void requestId_withAnotherRequest_isReused() {
    plane.admin().putPrincipal(put("first").setRequestId("r1").build());
    refused(
        Fault.REQUEST_ID_REUSED,
        () -> plane.admin().putPrincipal(put("second").setRequestId("r1").build()));
  }

  @Test
  void etag_stale_isRefused() {
    String etag = plane.admin().putPrincipal(put("a").build()).getPrincipal().getEtag();
    String next =
        plane.admin().putPrincipal(put("b").setEtag(etag).build()).getPrincipal().getEtag();
    assertNotEquals(etag, next);
    refused(Fault.ETAG_MISMATCH, () -> plane.admin().putPrincipal(put("c").setEtag(etag).build()));
  }

  @Test
  void grantList_changed_hasTheEtagThatListingShows() {
    UpdateGrantsResponse answer = plane.admin().updateGrants(grant(BEN, "r").build());
    String listed =
        plane
            .admin()
            .listGrants(ListGrantsRequest.newBuilder().setResource(FRAUD).build())
            .getEtag();
    assertEquals(listed, answer.getEtag());
    plane.admin().updateGrants(grant("user:carl@acme.com", "").setEtag(listed).build());
    refused(
        Fault.ETAG_MISMATCH,
        () -> plane.admin().updateGrants(grant("user:dora@acme.com", "").setEtag(listed).build()));
  }

  @Test
  void grantList_changedSince_hasAnEtagThatIsNotCurrent() {
    plane.admin().updateGrants(grant(BEN, "r").build());
    plane.principal("user:carl@acme.com");
    String unrelated = plane.admin().updateGrants(grant(BEN, "r").build()).getEtag();
    plane.admin().updateGrants(grant("user:dora@acme.com", "").setEtag(unrelated).build());
    String since = plane.admin().updateGrants(grant(BEN, "r").build()).getEtag();
    refused(
        Fault.ETAG_MISMATCH,
        () -> plane.admin().updateGrants(grant("user:eve@acme.com", "").setEtag(since).build()));
  }

  @Test
  void mask_ofOneField_leavesTheOthers() {
    plane
        .admin()
        .updateResource(
            UpdateResourceRequest.newBuilder()
                .setResource(
                    Resource.newBuilder()
                        .setName(FRAUD)
                        .setDisplayName("Fraud")
                        .putLabels("team", "risk"))
                .build());
    Resource changed =
        plane
            .admin()
            .updateResource(
                UpdateResourceRequest.newBuilder()
                    .setResource(Resource.newBuilder().setName(FRAUD))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("display_name"))
                    .build())
            .getResource();
    assertEquals("", changed.getDisplayName());
    assertEquals("risk", changed.getLabelsOrThrow("team"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"modelgate", "ai-builder", "datarobot", "google-ai-platform"})
  void creation_withABuiltInProfile_copiesIt(String profile) {
    Organization made =
        plane
            .admin()
            .createOrganization(
                CreateOrganizationRequest.newBuilder()
                    .setOrganizationId("beta")
                    .setOwner(ANA)
                    .setProfile(profile)
                    .build())
            .getOrganization();
    assertEquals(profile, made.getProfile());
    assertEquals(1, made.getProfileVersion());
    String owner =
        plane
            .admin()
            .listGrants(ListGrantsRequest.newBuilder().setResource("organizations/beta").build())
            .getGrants(0)
            .getRole();
    assertEquals("owner", owner);
  }

  @Test
  void creation_repeated_repeatsTheAnswer() {
    var request =
        CreateOrganizationRequest.newBuilder()
            .setOrganizationId("beta")
            .setOwner(ANA)
            .setRequestId("r1");
    CreateOrganizationResponse answer = plane.admin().createOrganization(request.build());
    assertEquals(answer, plane.admin().createOrganization(request.build()));
    assertEquals("modelgate", answer.getOrganization().getProfile());
    refused(
        Fault.ALREADY_EXISTS,
        () -> plane.admin().createOrganization(request.setRequestId("").build()));
  }

  @Test
  void creation_cutOffInBetween_isHiddenAndFinishedByTheNext() {
    plane
        .committer
        .commit(
            "system",
            Order.of(Requester.SYSTEM_ADMINISTRATOR),
            new Command.RegisterOrganization("beta"))
        .toCompletableFuture()
        .join();
    refused(Fault.NOT_FOUND, () -> organization("organizations/beta"));
    plane
        .admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder().setOrganizationId("beta").build());
    assertEquals("organizations/beta", organization("organizations/beta").getName());
  }

  @Test
  void creation_thatCannotSucceed_leavesNothingBehind() {
    refused(
        Fault.UNKNOWN_PROFILE,
        () ->
            plane
                .admin()
                .createOrganization(
                    CreateOrganizationRequest.newBuilder()
                        .setOrganizationId("beta")
                        .setProfile("nothing")
                        .build()));
    refused(
        Fault.KIND_NOT_ALLOWED,
        "owner",
        () ->
            plane
                .admin()
                .createOrganization(
                    CreateOrganizationRequest.newBuilder()
                        .setOrganizationId("beta")
                        .setOwner("group:risk")
                        .build()));
    assertTrue(plane.live.current().organization("beta").isEmpty());
  }

  @Test
  void organization_suspended_saysByWhomAndWhy() {
    var target = SuspensionTarget.newBuilder().setOrganization(ACME);
    refused(
        Fault.NOT_PERMITTED,
        () -> plane.as(ANA).suspend(SuspendRequest.newBuilder().setTarget(target).build()));
    plane.admin().suspend(SuspendRequest.newBuilder().setTarget(target).setReason("audit").build());
    Organization acme = organization(ACME);
    assertEquals(Organization.State.STATE_SUSPENDED, acme.getState());
    assertEquals("audit", acme.getSuspended().getReason());
    assertEquals("systemAdministrator", acme.getSuspended().getActor());
    plane.admin().resume(ResumeRequest.newBuilder().setTarget(target).build());
    assertFalse(organization(ACME).hasSuspended());
  }

  @Test
  void resource_suspendedByAPrincipal_namesBoth() {
    var target = SuspensionTarget.newBuilder().setResource(PROD);
    plane.as(ANA).suspend(SuspendRequest.newBuilder().setTarget(target).build());
    var shown =
        plane
            .admin()
            .getResource(GetResourceRequest.newBuilder().setName(PROD).build())
            .getResource()
            .getSuspended();
    assertEquals("systemAdministrator", shown.getActor());
    assertEquals(ANA, shown.getOnBehalfOf());
  }

  private Organization organization(String name) {
    return plane
        .admin()
        .getOrganization(GetOrganizationRequest.newBuilder().setName(name).build())
        .getOrganization();
  }

  private static PutPrincipalRequest.Builder put(String displayName) {
    return PutPrincipalRequest.newBuilder()
        .setOrganization(ACME)
        .setPrincipal(BEN)
        .setDisplayName(displayName);
  }

  private static UpdateGrantsRequest.Builder grant(String principal, String requestId) {
    return UpdateGrantsRequest.newBuilder()
        .setResource(FRAUD)
        .setRequestId(requestId)
        .addChanges(
            GrantChange.newBuilder()
                .setMode(GrantChange.Mode.MODE_SET)
                .setPrincipal(principal)
                .setRole("user"));
  }
}
