package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.TypeRightsTest.allows;
import static dev.modelgate.grpc.TypeRightsTest.ceiling;
import static dev.modelgate.grpc.TypeRightsTest.request;
import static dev.modelgate.grpc.TypeRightsTest.right;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.v1.TypeRight.Effect;
import dev.modelgate.v1.TypeRightChange;
import dev.modelgate.v1.TypeRightChange.Mode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Hazard 18: what a claimed group is not. Each row has what the claim comes to, and what the same
 * group comes to for a member in the directory; where they differ, the rule is seen at work. Each
 * answer is recomputed by the reference.
 */
final class ClaimedLimitsTest {
  private static final String GROUP = "group:people:risk";
  private static final String OTHER = "group:people:staff";
  private static final String DATA = PROD + "/datasets/d";
  private static final String TABLE = PROD + "/tables/t";

  private final TypePlane types = new TypePlane();
  private final AdminPlane plane = types.plane;

  @BeforeEach
  void begin() {
    plane.resource(DATA);
    plane.resource(TABLE);
    plane.principal(BEN);
    plane.principal(GROUP);
    plane.principal(OTHER);
  }

  @AfterEach
  void end() {
    types.close();
  }

  /** Ignored, it would let a claimant out of what binds every member. */
  @Test
  void ceilingOfAClaimedGroup_bindsAsThatOfAMember() {
    types.grant(DATA, BEN, false, "get", "update");
    write(ceiling(GROUP, "dataset", "get"));
    requireSaid(DATA, "update", "ALLOW", "CEILING", "CEILING");
  }

  @Test
  void ceilingOfAClaimedGroup_neverLiftsThatOfTheDirectory() {
    types.grant(DATA, BEN, false, "get", "update");
    write(ceiling(BEN, "dataset", "get"));
    write(ceiling(GROUP, "dataset", "get", "update"));
    requireSaid(DATA, "update", "CEILING", "CEILING", "ALLOW");
  }

  @Test
  void ceilingOfAClaimedGroup_lowersThatOfTheDirectory() {
    types.grant(DATA, BEN, false, "get", "update");
    write(ceiling(BEN, "dataset", "get", "update"));
    write(ceiling(GROUP, "dataset", "get"));
    requireSaid(DATA, "update", "ALLOW", "CEILING", "ALLOW");
  }

  @Test
  void ceilingsOfGroupsInGroups_bindEachByItself() {
    types.grant(DATA, BEN, false, "get", "update");
    plane.admin().updateMemberships(TypePlane.membership(true, OTHER, GROUP));
    write(ceiling(GROUP, "dataset", "get"));
    write(ceiling(OTHER, "dataset", "update"));
    requireSaid(DATA, "update", "ALLOW", "CEILING", "ALLOW");
  }

  @Test
  void grantOfAClaimedGroup_givesNoAdministration() {
    types.grant(FRAUD, GROUP, true, "get", "predict", "grants.write", "transfer");
    assertEquals("ALLOW", types.claiming(BEN, GROUP, FRAUD, "predict"));
    assertEquals("ACCESS", types.claiming(BEN, GROUP, FRAUD, "transfer"));
    requireSaid(FRAUD, "grants.write", "NO_GRANT", "ACCESS", "ALLOW");
  }

  @Test
  void typeRightOfAClaimedGroup_givesNoAdministration() {
    write(allows(Mode.MODE_SET, GROUP, "model", "get", "grants.write"));
    requireSaid(FRAUD, "grants.write", "NO_GRANT", "ACCESS", "ALLOW");
  }

  @Test
  void administratorByAClaimedGroup_isNone() {
    types.grant(ACME, GROUP, true, "get", "transfer");
    requireSaid(ACME, "transfer", "NO_GRANT", "ACCESS", "ALLOW");
  }

  /** Without which nothing works: no claim lets administration through. */
  @Test
  void privilegeOfAClaimedGroup_letsNoAdministrationThrough() {
    types.grant(TABLE, BEN, true, "get", "grants.write");
    write(
        right(Mode.MODE_SET, GROUP, "table", "get", "grants.write")
            .addEffects(Effect.EFFECT_REQUIRES));
    assertEquals("ALLOW", types.claiming(BEN, GROUP, TABLE, "get"));
    requireSaid(TABLE, "grants.write", "PRIVILEGE", "PRIVILEGE", "ALLOW");
  }

  private void write(TypeRightChange.Builder change) {
    plane.admin().updateTypeRights(request(change).build());
  }

  /** What is said to ben as he is, when he claims the group, and when he is a member. */
  private void requireSaid(
      String resource, String action, String before, String claiming, String member) {
    assertEquals(before, types.check(BEN, resource, action), "without the group");
    assertEquals(claiming, types.claiming(BEN, GROUP, resource, action), "claiming it");
    assertEquals(before, types.check(BEN, resource, action), "without it again");
    plane.admin().updateMemberships(TypePlane.membership(true, GROUP, BEN));
    assertEquals(member, types.check(BEN, resource, action), "as a member");
  }
}
