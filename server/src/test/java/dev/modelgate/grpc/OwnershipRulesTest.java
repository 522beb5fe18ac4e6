package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.model.Fault;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.GrantChange.Mode;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.RestorePrincipalRequest;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Owners hand over what they own, and nobody hands over what somebody else does. */
final class OwnershipRulesTest {
  private static final String CYD = "user:cyd@acme.com";

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
  void transfer_toTheOwnerHimself_changesNothing() {
    String before = plane.grants(FRAUD).getEtag();
    transfer(ANA, ANA);
    assertEquals(before, plane.grants(FRAUD).getEtag());
  }

  @Test
  void transfer_fromSomebodyWhoIsNoOwner_isRefused() {
    plane.share(FRAUD, BEN, "user");
    refused(Fault.NOTHING_TO_REMOVE, () -> transfer(CYD, BEN));
    refused(Fault.NOTHING_TO_REMOVE, () -> transfer(BEN, BEN));
  }

  @Test
  void owner_settingHimselfLowerWhileAnotherOwns_isLowered() {
    plane.share(FRAUD, BEN, "owner");
    change(plane.as(BEN), BEN, Mode.MODE_SET, "user");
    assertEquals(List.of("user"), plane.roles(FRAUD, BEN));
  }

  /** He gives nothing away that he holds, so that it exceeds what he may share is no reason. */
  @Test
  void sharer_settingHimselfLowerThanWhatHeMayShare_isLowered() {
    plane.share(FRAUD, BEN, "editor");
    change(plane.admin(), BEN, Mode.MODE_MERGE, "user");
    change(plane.as(BEN), BEN, Mode.MODE_SET, "user");
    assertEquals(List.of("user"), plane.roles(FRAUD, BEN));
  }

  /** An owner who cannot act is none to be left alone with; to own with him is possible. */
  @Test
  void lastActiveOwner_besideADisabledOne_staysOwner() {
    plane.share(FRAUD, BEN, "owner");
    state(BEN, Principal.State.STATE_DISABLED);
    refused(Fault.LAST_OWNER, () -> change(plane.as(ANA), ANA, Mode.MODE_REMOVE, "owner"));
    refused(Fault.LAST_OWNER, () -> change(plane.admin(), ANA, Mode.MODE_SET, "user"));
    state(BEN, Principal.State.STATE_ACTIVE);
    change(plane.as(ANA), ANA, Mode.MODE_REMOVE, "owner");
    assertEquals(List.of(), plane.roles(FRAUD, ANA));
  }

  /** Nothing stops a disabling (hazard 24); what is left then is kept all the same. */
  @Test
  void disabledOwners_alone_keepOneOfThem() {
    plane.share(FRAUD, BEN, "owner");
    plane.share(FRAUD, CYD, "owner");
    for (String owner : List.of(ANA, BEN, CYD)) {
      state(owner, Principal.State.STATE_DISABLED);
    }
    change(plane.admin(), CYD, Mode.MODE_REMOVE, "owner");
    change(plane.admin(), BEN, Mode.MODE_REMOVE, "owner");
    refused(Fault.LAST_OWNER, () -> change(plane.admin(), ANA, Mode.MODE_REMOVE, "owner"));
    plane.principal("user:dan@acme.com");
    change(plane.admin(), "user:dan@acme.com", Mode.MODE_MERGE, "owner");
    change(plane.admin(), ANA, Mode.MODE_REMOVE, "owner");
  }

  @Test
  void lastLivingOwner_besideADeletedOne_staysOwner() {
    plane.share(FRAUD, BEN, "owner");
    delete(BEN);
    refused(Fault.LAST_OWNER, () -> change(plane.as(ANA), ANA, Mode.MODE_REMOVE, "owner"));
  }

  /** Who hands over what a deleted one owned takes it from him, also for after a restore. */
  @Test
  void transfer_ofWhatADeletedOneOwns_takesItFromHim() {
    plane.share(FRAUD, BEN, "owner");
    plane.share(FRAUD, BEN, "editor");
    change(plane.as(ANA), ANA, Mode.MODE_REMOVE, "owner");
    String uid = delete(BEN);
    transfer("", CYD);
    assertEquals(List.of("owner"), plane.roles(FRAUD, CYD));
    restore(BEN, uid);
    assertEquals(List.of(), plane.roles(FRAUD, BEN));
  }

  private void state(String principal, Principal.State state) {
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(principal)
                .setState(state)
                .build());
  }

  private String delete(String principal) {
    String uid =
        plane
            .admin()
            .getPrincipal(
                GetPrincipalRequest.newBuilder()
                    .setOrganization(ACME)
                    .setPrincipal(principal)
                    .build())
            .getPrincipal()
            .getUid();
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(principal)
                .build());
    return uid;
  }

  private void restore(String principal, String uid) {
    plane
        .admin()
        .restorePrincipal(
            RestorePrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(principal)
                .setUid(uid)
                .build());
  }

  private static void change(
      AdminServiceGrpc.AdminServiceBlockingStub stub, String principal, Mode mode, String role) {
    stub.updateGrants(
        UpdateGrantsRequest.newBuilder()
            .setResource(FRAUD)
            .addChanges(
                GrantChange.newBuilder()
                    .setMode(mode)
                    .setPrincipal(principal)
                    .setRole(role)
                    .setCanShare(mode != Mode.MODE_REMOVE))
            .build());
  }

  private void transfer(String previous, String next) {
    plane
        .admin()
        .transferOwnership(
            TransferOwnershipRequest.newBuilder()
                .setResource(FRAUD)
                .setPreviousOwner(previous)
                .setNewOwner(next)
                .build());
  }
}
