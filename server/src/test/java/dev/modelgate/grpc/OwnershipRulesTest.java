package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.model.Fault;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.GrantChange.Mode;
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
                    .setCanShare(true))
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
