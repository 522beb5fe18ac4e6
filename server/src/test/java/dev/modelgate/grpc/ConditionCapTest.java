package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.ConditionPlane.CLEO;
import static dev.modelgate.grpc.ConditionPlane.change;
import static dev.modelgate.grpc.ConditionPlane.update;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Struct;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.GrantChange.Mode;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.Permissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may give and take what under which conditions, through the wire (hazard 24). */
final class ConditionCapTest {
  private static final String GO = "context.go";
  private static final String OTHER = "context.go && true";

  /** A condition under which ben has nothing, but others would. */
  private static final String OF_OTHERS = "principal != \"" + BEN + "\"";

  private final ConditionPlane bed = new ConditionPlane();

  @AfterEach
  void end() {
    bed.close();
  }

  /** Ben may share, and may share on the role of a runner under one condition. */
  private void sharerUnder(String condition) {
    sharerUnder(condition, true);
  }

  private void sharerUnder(String condition, boolean alsoSharesOnHisRight) {
    bed.plane
        .admin()
        .updateGrants(
            update(
                GrantChange.newBuilder()
                    .setMode(Mode.MODE_MERGE)
                    .setPrincipal(BEN)
                    .setPermissions(
                        Permissions.newBuilder()
                            .addPermissions("grants.read")
                            .addPermissions("grants.write"))
                    .setCanShare(alsoSharesOnHisRight)));
    bed.plane.admin().updateGrants(update(change(BEN, "runner", condition).setCanShare(true)));
  }

  @Test
  void sharer_underACondition_givesOnUnderTheSameOneOnly() {
    sharerUnder(GO);
    refused(
        Fault.CAP_EXCEEDED,
        () -> bed.plane.as(BEN).updateGrants(update(change(CLEO, "runner", ""))));
    refused(
        Fault.CAP_EXCEEDED,
        () -> bed.plane.as(BEN).updateGrants(update(change(CLEO, "runner", OTHER))));
    bed.plane.as(BEN).updateGrants(update(change(CLEO, "runner", GO)));
    assertEquals(List.of(GO), conditions(CLEO));
  }

  @Test
  void sharer_withoutACondition_givesOnUnderAny() {
    sharerUnder("");
    bed.plane.as(BEN).updateGrants(update(change(CLEO, "runner", OF_OTHERS)));
    assertEquals(List.of(OF_OTHERS), conditions(CLEO));
  }

  @Test
  void sharer_underAConditionOnWhoAsks_givesNothingOn() {
    sharerUnder(OF_OTHERS);
    assertEquals("ACCESS", bed.check(BEN, "predict", Struct.getDefaultInstance()));
    refused(
        Fault.CAP_EXCEEDED,
        () -> bed.plane.as(BEN).updateGrants(update(change(CLEO, "runner", OF_OTHERS))));
  }

  @Test
  void sharer_underACondition_takesUnderTheSameOneOnly() {
    sharerUnder(GO);
    bed.share(CLEO, "runner", GO);
    bed.share(CLEO, "runner", OTHER);
    refused(
        Fault.ABOVE_YOU,
        () -> bed.plane.as(BEN).updateGrants(update(removal(CLEO, "runner").setCondition(OTHER))));
    bed.plane.as(BEN).updateGrants(update(removal(CLEO, "runner").setCondition(GO)));
    assertEquals(List.of(OTHER), conditions(CLEO));
  }

  @Test
  void rightOfTheAdminPlane_underACondition_doesNotCount() {
    bed.plane.admin().updateGrants(update(change(BEN, "editor", "true").setCanShare(true)));
    assertEquals("ALLOW", bed.check(BEN, "predict", Struct.getDefaultInstance()));
    refused(
        Fault.NOT_FOUND,
        () -> bed.plane.as(BEN).updateGrants(update(change(CLEO, "runner", "true"))));
  }

  @Test
  void sharer_underAConditionAlone_isToldOfTheCap() {
    sharerUnder(GO, false);
    refused(
        Fault.CAP_EXCEEDED,
        () -> bed.plane.as(BEN).updateGrants(update(change(CLEO, "runner", ""))));
    bed.plane.as(BEN).updateGrants(update(change(CLEO, "runner", GO)));
    assertEquals(List.of(GO), conditions(CLEO));
  }

  private static GrantChange.Builder removal(String principal, String role) {
    return GrantChange.newBuilder().setMode(Mode.MODE_REMOVE).setPrincipal(principal).setRole(role);
  }

  private List<Grant> grants(String resource) {
    return bed.plane
        .admin()
        .listGrants(ListGrantsRequest.newBuilder().setResource(resource).build())
        .getGrantsList();
  }

  /** The conditions of a principal's grants on the model fraud, sorted. */
  private List<String> conditions(String principal) {
    return grants(FRAUD).stream()
        .filter(grant -> grant.getPrincipal().equals(principal))
        .map(Grant::getCondition)
        .sorted()
        .toList();
  }
}
