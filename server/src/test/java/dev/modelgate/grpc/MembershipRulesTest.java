package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.model.Fault;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.MembershipChange;
import dev.modelgate.v1.UpdateMembershipsRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Groups in groups: no cycle, at most 32 deep, and what a deleted group held together is apart. */
final class MembershipRulesTest {
  private static final int NESTING_MAX = 32;

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
  void group_inItself_isACycle() {
    plane.principal("group:a");
    refused(Fault.MEMBERSHIP_CYCLE, () -> add("group:a", "group:a"));
  }

  @Test
  void group_inAMemberOfItsMember_isACycle() {
    chain("a", 3);
    var info = refused(Fault.MEMBERSHIP_CYCLE, () -> add("group:a2", "group:a0"));
    assertEquals("group:a2", info.getMetadataOrThrow("group"));
    assertEquals("group:a0", info.getMetadataOrThrow("member"));
  }

  @Test
  void groups_nestedAsDeepAsAllowed_takeNoFurtherLevel() {
    chain("a", NESTING_MAX);
    plane.principal("group:top");
    refused(Fault.MEMBERSHIP_DEPTH, () -> add("group:top", "group:a0"));
    plane.principal("group:bottom");
    refused(Fault.MEMBERSHIP_DEPTH, () -> add("group:a" + (NESTING_MAX - 1), "group:bottom"));
    assertEquals(List.of("group-depth", "group-depth"), plane.limited);
  }

  /** Its edges are still stored until they are swept. */
  @Test
  void deletedGroup_notYetSwept_closesNoCycle() {
    chain("a", 3);
    delete("group:a1");
    add("group:a2", "group:a0");
  }

  @Test
  void deletedGroup_notYetSwept_addsNoDepth() {
    chain("a", NESTING_MAX);
    delete("group:a1");
    plane.principal("group:bottom");
    add("group:a" + (NESTING_MAX - 1), "group:bottom");
  }

  /** As many groups of that name and a number from 0, each in the one before. */
  private void chain(String name, int length) {
    for (int i = 0; i < length; i++) {
      plane.principal("group:" + name + i);
      if (i > 0) {
        add("group:" + name + (i - 1), "group:" + name + i);
      }
    }
  }

  private void add(String group, String member) {
    plane
        .admin()
        .updateMemberships(
            UpdateMembershipsRequest.newBuilder()
                .setOrganization(ACME)
                .addChanges(
                    MembershipChange.newBuilder()
                        .setOperation(MembershipChange.Operation.OPERATION_ADD)
                        .setGroup(group)
                        .setMember(member))
                .build());
  }

  private void delete(String group) {
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(group).build());
  }
}
