package dev.modelgate.main;

import static dev.modelgate.main.SidecarBed.CHURN;
import static dev.modelgate.main.SidecarBed.FRAUD;
import static dev.modelgate.main.SidecarBed.PROD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.ErrorContract;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListActionsRequest;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateGrantsResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The main job end to end: a whole sidecar on RocksDB, asked and changed over gRPC. */
final class SidecarTest {
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String CLEO = "user:cleo@acme.com";
  private static final String SCORER = "serviceAccount:scorer";

  @TempDir Path directory;
  private SidecarBed bed;

  @BeforeEach
  void start() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void check_sampleOrganization_allowsDeniesAndDeniesRightAfterRevoke() {
    assertEquals("ALLOW", bed.answer(CLEO, FRAUD, "predict"));
    assertEquals("NO_GRANT", bed.answer(CLEO, CHURN, "predict"));
    SidecarBed.revoke(bed.admin(), FRAUD, "group:risk");
    assertEquals("NO_GRANT", bed.answer(CLEO, FRAUD, "predict"));
  }

  @Test
  void check_relativeNames_areCompletedByTheDefaultParent() {
    assertEquals("ALLOW", bed.answer(CLEO, "fraud", "predict"));
    assertEquals("ALLOW", bed.answer(CLEO, "models/fraud", "predict"));
    assertEquals("ALLOW", bed.answer(CLEO, "models/fraud/versions/3", "predict"));
  }

  @Test
  void check_role_givesItsPermissionsOnly() {
    assertEquals("ACCESS", bed.answer(CLEO, FRAUD, "update"));
    assertEquals("ALLOW", bed.answer(ANA, FRAUD, "delete"));
    assertEquals(
        List.of("discover", "get_use", "predict"),
        bed.data()
            .listActions(ListActionsRequest.newBuilder().setPrincipal(CLEO).setModel(FRAUD).build())
            .getActionsList());
  }

  @Test
  void check_grantOnEnvironment_reachesModelsBelow() {
    SidecarBed.share(bed.admin(), PROD, SCORER, "runner");
    assertEquals("ALLOW", bed.answer(SCORER, CHURN, "predict"));
    assertEquals("ACCESS", bed.answer(SCORER, CHURN, "discover"));
  }

  @Test
  void check_unknownThings_areDeniedWithTheirReason() {
    assertEquals("UNKNOWN_RESOURCE", bed.answer(ANA, PROD + "/models/none", "predict"));
    assertEquals("UNKNOWN_RESOURCE", bed.answer(ANA, "organizations/none/models/x", "predict"));
    assertEquals("NO_GRANT", bed.answer("user:stranger@acme.com", FRAUD, "predict"));
  }

  @Test
  void check_chain_isAllowedOnlyIfEveryLinkIs() {
    CheckRequest chain =
        CheckRequest.newBuilder()
            .setPrincipal(CLEO)
            .setModel(FRAUD)
            .setAction("predict")
            .addActingThrough(SCORER)
            .build();
    assertEquals("NO_GRANT", bed.data().check(chain).getReason());
    assertEquals(SCORER, bed.data().check(chain).getDeniedLink());
    SidecarBed.share(bed.admin(), FRAUD, SCORER, "runner");
    assertEquals("", bed.data().check(chain).getReason());
  }

  @Test
  void suspend_principalGroupResourceOrganization_deniesAtOnceUntilResumed() {
    SuspensionTarget risk =
        SuspensionTarget.newBuilder()
            .setPrincipal(
                dev.modelgate.v1.PrincipalTarget.newBuilder()
                    .setOrganization("organizations/acme")
                    .setPrincipal("group:risk"))
            .build();
    for (SuspensionTarget target :
        List.of(
            risk,
            SuspensionTarget.newBuilder().setResource(PROD).build(),
            SuspensionTarget.newBuilder().setOrganization("organizations/acme").build())) {
      assertEquals("ALLOW", bed.answer(CLEO, FRAUD, "predict"));
      bed.admin()
          .suspend(SuspendRequest.newBuilder().setTarget(target).setReason("incident 7").build());
      assertEquals("SUSPENDED", bed.answer(CLEO, FRAUD, "predict"));
      bed.admin().resume(ResumeRequest.newBuilder().setTarget(target).build());
      assertEquals("ALLOW", bed.answer(CLEO, FRAUD, "predict"));
    }
  }

  @Test
  void deletedAndMadeAgain_inheritsNothing() {
    bed.admin().deleteResource(DeleteResourceRequest.newBuilder().setName(FRAUD).build());
    assertEquals("UNKNOWN_RESOURCE", bed.answer(CLEO, FRAUD, "predict"));
    bed.create(FRAUD, BEN);
    assertEquals("NO_GRANT", bed.answer(CLEO, FRAUD, "predict"));
    assertEquals("NO_GRANT", bed.answer(ANA, FRAUD, "predict"));
    bed.admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder()
                .setOrganization("organizations/acme")
                .setPrincipal(BEN)
                .build());
    bed.put(BEN);
    assertEquals("NO_GRANT", bed.answer(BEN, FRAUD, "predict"));
  }

  @Test
  void disabledPrincipal_isDeniedUntilEnabled() {
    assertEquals("ALLOW", bed.answer(ANA, FRAUD, "predict"));
    PutPrincipalRequest.Builder put =
        PutPrincipalRequest.newBuilder().setOrganization("organizations/acme").setPrincipal(ANA);
    bed.admin().putPrincipal(put.setState(dev.modelgate.v1.Principal.State.STATE_DISABLED).build());
    assertEquals("PRINCIPAL_INACTIVE", bed.answer(ANA, FRAUD, "predict"));
    bed.admin().putPrincipal(put.setState(dev.modelgate.v1.Principal.State.STATE_ACTIVE).build());
    assertEquals("ALLOW", bed.answer(ANA, FRAUD, "predict"));
  }

  @Test
  void lastOwner_canNeitherBeRemovedNorLowered() {
    refused(
        Status.Code.FAILED_PRECONDITION,
        "LAST_OWNER",
        () -> SidecarBed.revoke(bed.admin(), FRAUD, ANA));
    refused(
        Status.Code.FAILED_PRECONDITION,
        "LAST_OWNER",
        () -> SidecarBed.share(bed.admin(), FRAUD, ANA, "user"));
    bed.admin()
        .transferOwnership(
            TransferOwnershipRequest.newBuilder()
                .setResource(FRAUD)
                .setNewOwner(BEN)
                .setKeepPreviousAs("viewer")
                .build());
    assertEquals("ALLOW", bed.answer(BEN, FRAUD, "delete"));
    assertEquals("ACCESS", bed.answer(ANA, FRAUD, "delete"));
  }

  @Test
  void owner_givenARoleBeside_staysAsHeIs() {
    var before = grantsOn(CHURN);
    bed.admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(CHURN)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_MERGE)
                        .setPrincipal(BEN)
                        .setRole("viewer"))
                .build());
    assertEquals(before, grantsOn(CHURN));
  }

  private java.util.List<dev.modelgate.v1.Grant> grantsOn(String resource) {
    return bed.admin()
        .listGrants(ListGrantsRequest.newBuilder().setResource(resource).build())
        .getGrantsList();
  }

  @Test
  void onBehalfOf_isUnderAllLimitsOfThePrincipal() {
    SidecarBed.share(bed.adminFor(ANA), FRAUD, BEN, "viewer");
    refused(
        Status.Code.NOT_FOUND,
        "NOT_FOUND",
        () -> SidecarBed.share(bed.adminFor(CLEO), CHURN, CLEO, "user"));
    refused(
        Status.Code.PERMISSION_DENIED,
        "NOT_PERMITTED",
        () -> SidecarBed.share(bed.adminFor(CLEO), FRAUD, BEN, "user"));
    SidecarBed.share(bed.adminFor(ANA), FRAUD, BEN, "editor");
    refused(
        Status.Code.PERMISSION_DENIED,
        "NO_SHARE_RIGHT",
        () -> SidecarBed.share(bed.adminFor(BEN), FRAUD, SCORER, "runner"));
    refused(
        Status.Code.INVALID_ARGUMENT,
        "ON_BEHALF_OF_INVALID",
        () -> SidecarBed.share(bed.adminFor("user:nobody@acme.com"), FRAUD, BEN, "viewer"));
  }

  @Test
  void canShare_givesNoMoreThanItsHolderMayShare() {
    bed.admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(FRAUD)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_SET)
                        .setPrincipal(BEN)
                        .setRole("editor")
                        .setCanShare(true))
                .build());
    SidecarBed.share(bed.adminFor(BEN), FRAUD, SCORER, "runner");
    refused(
        Status.Code.PERMISSION_DENIED,
        "CAP_EXCEEDED",
        () -> SidecarBed.share(bed.adminFor(BEN), FRAUD, CLEO, "owner"));
    refused(
        Status.Code.PERMISSION_DENIED,
        "ABOVE_YOU",
        () -> SidecarBed.revoke(bed.adminFor(BEN), FRAUD, ANA));
    SidecarBed.revoke(bed.adminFor(BEN), FRAUD, BEN);
    assertEquals("NO_GRANT", bed.answer(BEN, FRAUD, "predict"));
  }

  @Test
  void requestId_repeatsTheAnswerAndNotTheChange() {
    UpdateGrantsRequest share =
        UpdateGrantsRequest.newBuilder()
            .setResource(CHURN)
            .setRequestId("r-1")
            .addChanges(
                GrantChange.newBuilder()
                    .setMode(GrantChange.Mode.MODE_SET)
                    .setPrincipal(CLEO)
                    .setRole("user"))
            .build();
    UpdateGrantsResponse first = bed.admin().updateGrants(share);
    SidecarBed.revoke(bed.admin(), CHURN, CLEO);
    assertEquals(first.getRevision(), bed.admin().updateGrants(share).getRevision());
    assertEquals("NO_GRANT", bed.answer(CLEO, CHURN, "predict"));
    refused(
        Status.Code.INVALID_ARGUMENT,
        "REQUEST_ID_REUSED",
        () -> bed.admin().updateGrants(share.toBuilder().setResource(FRAUD).build()));
  }

  @Test
  void admin_withoutValidToken_isUnauthenticated() {
    GetOrganizationRequest get =
        GetOrganizationRequest.newBuilder().setName("organizations/acme").build();
    refused(
        Status.Code.UNAUTHENTICATED,
        "UNAUTHENTICATED",
        () -> AdminServiceGrpc.newBlockingStub(bed.adminChannel()).getOrganization(get));
    refused(
        Status.Code.UNAUTHENTICATED,
        "UNAUTHENTICATED",
        () -> bed.admin("Bearer wrong").getOrganization(get));
    assertEquals(
        "organizations/acme", bed.admin().getOrganization(get).getOrganization().getName());
  }

  @Test
  void malformedChecks_nameTheFieldAndTheReason() {
    invalid("INVALID_FIELD", "principal", "", FRAUD, "predict");
    invalid("INVALID_FIELD", "principal", "user:ANA@acme.com", FRAUD, "predict");
    invalid("INVALID_FIELD", "principal", "user:a\u0301na", FRAUD, "predict");
    invalid("INVALID_FIELD", "principal", "user:a\u0000b", FRAUD, "predict");
    invalid("INVALID_FIELD", "principal", "robot:x", FRAUD, "predict");
    invalid("INVALID_FIELD", "principal", "user:" + "x".repeat(257), FRAUD, "predict");
    invalid("KIND_NOT_ALLOWED", "principal", "group:risk", FRAUD, "predict");
    invalid("INVALID_FIELD", "model", ANA, "", "predict");
    invalid("INVALID_FIELD", "model", ANA, PROD + "/models/..", "predict");
    invalid("INVALID_FIELD", "model", ANA, PROD + "//fraud", "predict");
    invalid("INVALID_FIELD", "model", ANA, PROD + "/models/%66raud", "predict");
    invalid("INVALID_FIELD", "action", ANA, FRAUD, "");
    invalid("UNKNOWN_ACTION", "action", ANA, FRAUD, "fly");
    assertEquals("NO_GRANT", bed.answer("user:\u0430na@acme.com", FRAUD, "predict"));
  }

  @Test
  void tooLargeContextAndTooLongChain_areRefusedWithTheirLimits() {
    CheckRequest.Builder large =
        CheckRequest.newBuilder().setPrincipal(ANA).setModel(FRAUD).setAction("predict");
    large
        .getContextBuilder()
        .putFields(
            "x",
            com.google.protobuf.Value.newBuilder().setStringValue("x".repeat(1 << 20)).build());
    ErrorInfo context =
        refused(
            Status.Code.INVALID_ARGUMENT, "LIMIT_EXCEEDED", () -> bed.data().check(large.build()));
    assertEquals("context", context.getMetadataMap().get("field"));
    assertEquals("65536", context.getMetadataMap().get("limit"));
    CheckRequest.Builder chain =
        CheckRequest.newBuilder().setPrincipal(ANA).setModel(FRAUD).setAction("predict");
    for (int i = 0; i < 9; i++) {
      chain.addActingThrough(SCORER);
    }
    ErrorInfo links =
        refused(
            Status.Code.INVALID_ARGUMENT, "LIMIT_EXCEEDED", () -> bed.data().check(chain.build()));
    assertEquals("8", links.getMetadataMap().get("limit"));
    assertEquals(2, bed.refused("size"));
  }

  @Test
  void batch_keepsOrderAndAnswersEachItem() {
    BatchCheckRequest.Builder batch = BatchCheckRequest.newBuilder();
    batch.addItemsBuilder().setPrincipal(CLEO).setModel(FRAUD).setAction("predict");
    batch.addItemsBuilder().setPrincipal("nonsense").setModel(FRAUD).setAction("predict");
    batch.addItemsBuilder().setPrincipal(CLEO).setModel(CHURN).setAction("predict");
    var results = bed.data().batchCheck(batch.build()).getResultsList();
    assertEquals("", results.get(0).getResponse().getReason());
    assertEquals(Status.Code.INVALID_ARGUMENT.value(), results.get(1).getError().getCode());
    assertEquals("NO_GRANT", results.get(2).getResponse().getReason());
    BatchCheckRequest.Builder tooMany = BatchCheckRequest.newBuilder();
    for (int i = 0; i < 1_001; i++) {
      tooMany.addItems(batch.getItems(0));
    }
    refused(
        Status.Code.INVALID_ARGUMENT,
        "LIMIT_EXCEEDED",
        () -> bed.data().batchCheck(tooMany.build()));
  }

  @Test
  void restart_keepsEverything() throws IOException {
    String revision = bed.check(CLEO, FRAUD, "predict").getRevision();
    bed.close();
    bed = new SidecarBed(directory.resolve("data"));
    assertEquals("ALLOW", bed.answer(CLEO, FRAUD, "predict"));
    assertEquals(revision, bed.check(CLEO, FRAUD, "predict").getRevision());
    assertFalse(
        bed.admin()
            .listGrants(ListGrantsRequest.newBuilder().setResource(FRAUD).build())
            .getGrantsList()
            .isEmpty());
  }

  private void invalid(String reason, String field, String principal, String model, String action) {
    ErrorInfo info =
        refused(Status.Code.INVALID_ARGUMENT, reason, () -> bed.check(principal, model, action));
    assertEquals(field, info.getMetadataMap().get("field"), info.toString());
  }

  private static ErrorInfo refused(Status.Code code, String reason, Executable call) {
    StatusRuntimeException e = assertThrows(StatusRuntimeException.class, call);
    assertEquals(code, e.getStatus().getCode(), e.toString());
    com.google.rpc.Status status = StatusProto.fromThrowable(e);
    try {
      ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
      assertEquals(reason, info.getReason(), e.toString());
      ErrorContract.requireKept(code, info);
      return info;
    } catch (InvalidProtocolBufferException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
