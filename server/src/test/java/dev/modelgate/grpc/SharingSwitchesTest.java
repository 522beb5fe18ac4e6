package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.model.Fault;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.GrantChange.Mode;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.TypeRight;
import dev.modelgate.v1.TypeRightChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The switches that the default profile leaves as they are: each does what it says. */
final class SharingSwitchesTest {
  private static final String CYD = "user:cyd@acme.com";
  private static final String SALES = PROD + "/datasets/sales";

  @Test
  void single_ownerRole_isGivenByTransferAlone() {
    with(
        Map.of("owners", "single", "owner_recipient", "error"),
        (types, plane) -> {
          refused(Fault.SINGLE_OWNER, () -> merge(plane.as(ANA), FRAUD, BEN, "owner", false));
          transfer(plane.as(ANA), ANA, BEN, "user");
          assertEquals(List.of("owner"), plane.roles(FRAUD, BEN));
          assertEquals(List.of("user"), plane.roles(FRAUD, ANA));
          refused(Fault.SINGLE_OWNER, () -> transfer(plane.as(BEN), BEN, ANA, "owner"));
        });
  }

  @Test
  void single_owner_canNeitherBeRemovedNorLowered() {
    with(
        Map.of("owners", "single", "owner_recipient", "error"),
        (types, plane) -> {
          refused(Fault.LAST_OWNER, () -> remove(plane.admin(), FRAUD, ANA));
          refused(Fault.LAST_OWNER, () -> remove(plane.as(ANA), FRAUD, ANA));
          refused(
              Fault.RECIPIENT_IS_OWNER,
              () -> change(plane.admin(), FRAUD, Mode.MODE_SET, ANA, "user", false));
          refused(Fault.RECIPIENT_IS_OWNER, () -> merge(plane.admin(), FRAUD, ANA, "user", false));
          assertEquals(List.of("owner"), plane.roles(FRAUD, ANA));
        });
  }

  @Test
  void creator_whoStays_isRemovedByHimselfAlone() {
    with(
        Map.of("creator", "leaves_by_himself"),
        (types, plane) -> {
          create(plane, SALES);
          merge(plane.as(ANA), SALES, BEN, "owner", true);
          refused(Fault.CREATOR_STAYS, () -> remove(plane.as(BEN), SALES, ANA));
          refused(
              Fault.CREATOR_STAYS,
              () -> change(plane.as(BEN), SALES, Mode.MODE_SET, ANA, "user", false));
          remove(plane.as(ANA), SALES, ANA);
          assertEquals(List.of(), plane.roles(SALES, ANA));
        });
  }

  /** Else another owner would make him one by sharing, and then remove him. */
  @Test
  void creator_madeOwnerAgain_isTheCreatorStill() {
    with(
        Map.of("creator", "leaves_by_himself"),
        (types, plane) -> {
          create(plane, SALES);
          merge(plane.as(ANA), SALES, BEN, "owner", true);
          change(plane.as(BEN), SALES, Mode.MODE_SET, ANA, "owner", true);
          refused(Fault.CREATOR_STAYS, () -> remove(plane.as(BEN), SALES, ANA));
        });
  }

  @Test
  void rank_upToTheSharersOwn_isGiven() {
    with(
        Map.of("cap", "rank"),
        (types, plane) -> {
          merge(plane.admin(), FRAUD, BEN, "editor", true);
          merge(plane.as(BEN), FRAUD, CYD, "editor", false);
          merge(plane.as(BEN), FRAUD, "user:dan@acme.com", "steward", false);
          refused(Fault.CAP_EXCEEDED, () -> merge(plane.as(BEN), FRAUD, CYD, "owner", false));
        });
  }

  /**
   * A steward's permissions are no subset of an editor's at the organization; his rank is lower.
   */
  @Test
  void rank_ofTheCollaborator_decidesWhoMayBeTouched() {
    with(
        Map.of("cap", "rank"),
        (types, plane) -> {
          merge(plane.admin(), FRAUD, BEN, "editor", true);
          merge(plane.admin(), FRAUD, CYD, "editor", true);
          change(plane.as(BEN), FRAUD, Mode.MODE_SET, CYD, "user", false);
          refused(Fault.ABOVE_YOU, () -> remove(plane.as(BEN), FRAUD, ANA));
          assertEquals(List.of("user"), plane.roles(FRAUD, CYD));
        });
  }

  @Test
  void rank_ofAGrantWithoutCanShare_givesNothing() {
    with(
        Map.of("cap", "rank"),
        (types, plane) -> {
          merge(plane.admin(), FRAUD, BEN, "editor", false);
          refused(Fault.NO_SHARE_RIGHT, () -> merge(plane.as(BEN), FRAUD, CYD, "user", false));
          remove(plane.as(BEN), FRAUD, BEN);
        });
  }

  /** Else an accomplice without a ceiling would have what the sharer himself may not do. */
  @Test
  void rank_boundedOnAKindBelow_isNotGivenAbove() {
    with(
        Map.of("cap", "rank"),
        (types, plane) -> {
          merge(plane.admin(), PROD, BEN, "editor", true);
          right(plane, "table", "editor", TypeRight.Effect.EFFECT_REQUIRES);
          merge(plane.as(BEN), PROD, CYD, "editor", false);
          remove(plane.as(BEN), PROD, CYD);
          right(plane, "dataset", "user", TypeRight.Effect.EFFECT_BOUNDS);
          refused(Fault.CAP_EXCEEDED, () -> merge(plane.as(BEN), PROD, CYD, "editor", false));
        });
  }

  /** Rank says nothing about data: who may not use it gives it to nobody. */
  @Test
  void rank_withoutDataRights_givesNoDataRights() {
    with(
        Map.of("cap", "rank"),
        (types, plane) -> {
          create(plane, SALES);
          merge(plane.admin(), SALES, BEN, "editor", true);
          refused(
              Fault.CAP_EXCEEDED,
              () ->
                  plane
                      .as(BEN)
                      .updateGrants(
                          request(
                              SALES,
                              GrantChange.newBuilder()
                                  .setMode(Mode.MODE_MERGE)
                                  .setPrincipal(CYD)
                                  .setRole("editor")
                                  .setCanUseData(true))));
        });
  }

  @Test
  void recipients_moreThanTheProfileTakes_areRefusedAsAWhole() {
    try (AdminPlane plane = new AdminPlane().withAcme()) {
      UpdateGrantsRequest.Builder request = UpdateGrantsRequest.newBuilder().setResource(FRAUD);
      for (int i = 0; i < 1_001; i++) {
        request.addChanges(
            GrantChange.newBuilder()
                .setMode(Mode.MODE_MERGE)
                .setPrincipal("user:u" + i)
                .setRole("user"));
      }
      refused(Fault.LIMIT_EXCEEDED, () -> plane.admin().updateGrants(request.build()));
      assertEquals(1, plane.grants(FRAUD).getGrantsCount());
    }
  }

  private interface Case {
    void run(TypePlane types, AdminPlane plane);
  }

  private static void with(Map<String, String> switches, Case body) {
    try (TypePlane types = new TypePlane(TypePlane.typedWith(switches))) {
      body.run(types, types.plane);
    }
  }

  /** Gives ben a type right with what a role has on the kind. */
  private static void right(AdminPlane plane, String kind, String role, TypeRight.Effect effect) {
    plane
        .admin()
        .updateTypeRights(
            UpdateTypeRightsRequest.newBuilder()
                .setOrganization(AdminPlane.ACME)
                .addChanges(
                    TypeRightChange.newBuilder()
                        .setMode(TypeRightChange.Mode.MODE_SET)
                        .setPrincipal(BEN)
                        .setKind(kind)
                        .setRole(role)
                        .addEffects(effect))
                .build());
  }

  private static void create(AdminPlane plane, String resource) {
    plane
        .admin()
        .createResource(CreateResourceRequest.newBuilder().setName(resource).setOwner(ANA).build());
  }

  private static void merge(
      AdminServiceBlockingStub stub,
      String resource,
      String principal,
      String role,
      boolean canShare) {
    change(stub, resource, Mode.MODE_MERGE, principal, role, canShare);
  }

  private static void change(
      AdminServiceBlockingStub stub,
      String resource,
      Mode mode,
      String principal,
      String role,
      boolean canShare) {
    stub.updateGrants(
        request(
            resource,
            GrantChange.newBuilder()
                .setMode(mode)
                .setPrincipal(principal)
                .setRole(role)
                .setCanShare(canShare)));
  }

  private static void remove(AdminServiceBlockingStub stub, String resource, String principal) {
    stub.updateGrants(
        request(
            resource, GrantChange.newBuilder().setMode(Mode.MODE_REMOVE).setPrincipal(principal)));
  }

  private static UpdateGrantsRequest request(String resource, GrantChange.Builder change) {
    return UpdateGrantsRequest.newBuilder().setResource(resource).addChanges(change).build();
  }

  private static void transfer(
      AdminServiceBlockingStub stub, String previous, String next, String keepAs) {
    stub.transferOwnership(
        TransferOwnershipRequest.newBuilder()
            .setResource(FRAUD)
            .setPreviousOwner(previous)
            .setNewOwner(next)
            .setKeepPreviousAs(keepAs)
            .build());
  }
}
