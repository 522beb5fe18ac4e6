package dev.modelgate.rows;

import static dev.modelgate.grpc.Site.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.Binding;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.Policy;
import dev.modelgate.v1.SetPolicyRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What DataRobot keeps of an asset's owners, and of those who may share it. */
final class DataRobotOwnersRowsTest {
  private static final String PROJECT = ACME + "/projects/churn";
  private static final String STORE = ACME + "/dataStores/warehouse";
  private static final String DATASET = ACME + "/datasets/sales";
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String CYD = "user:cyd@acme.com";

  private final Site site = new Site("datarobot");

  @BeforeEach
  void begin() {
    site.principals(ANA, BEN, CYD);
    site.resource(PROJECT, ANA);
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F009")
  void lastOwner_removedOrLowered_isRefused() {
    site.share(PROJECT, BEN, "user");
    assertKept(Site.refused(Fault.LAST_OWNER, () -> site.revoke(site.admin(), PROJECT, ANA)));
    assertKept(Site.refused(Fault.LAST_OWNER, () -> site.revoke(site.as(ANA), PROJECT, ANA)));
    assertKept(
        Site.refused(Fault.LAST_OWNER, () -> site.share(site.admin(), PROJECT, ANA, "user")));
    assertKept(
        Site.refused(Fault.LAST_OWNER, () -> site.share(site.as(ANA), PROJECT, ANA, "user")));
    assertEquals(List.of("owner"), site.roles(PROJECT, ANA));
    site.assertAllowed(ANA, PROJECT, "delete");
  }

  @Test
  @Row("F009")
  void lastButOneOwner_removedOrLowered_isGone() {
    site.share(PROJECT, BEN, "owner");
    site.share(PROJECT, CYD, "owner");
    site.share(site.as(ANA), PROJECT, CYD, "user");
    site.revoke(site.as(ANA), PROJECT, ANA);
    assertKept(Site.refused(Fault.LAST_OWNER, () -> site.revoke(site.as(BEN), PROJECT, BEN)));
    assertEquals(List.of("owner"), site.roles(PROJECT, BEN));
  }

  @Test
  @Row("F010")
  void creator_whoMadeAnotherOwner_leavesAndIsDenied() {
    site.share(site.as(ANA), PROJECT, BEN, "owner");
    site.assertAllowed(ANA, PROJECT, "view", "delete");
    site.revoke(site.as(ANA), PROJECT, ANA);
    site.assertChecks("NO_GRANT", ANA, PROJECT, "view", "delete");
    site.assertAllowed(BEN, PROJECT, "view", "delete");
  }

  @Test
  @Row({"F011", "F036"})
  void creator_removedOrLoweredByAnotherOwner_isRefused() {
    site.share(site.as(ANA), PROJECT, BEN, "owner");
    for (Runnable attempt :
        List.<Runnable>of(
            () -> site.revoke(site.as(BEN), PROJECT, ANA),
            () -> site.share(site.as(BEN), PROJECT, ANA, "consumer"))) {
      ErrorInfo info = Site.refused(Fault.CREATOR_STAYS, attempt::run);
      assertEquals(ANA, info.getMetadataOrThrow("principal"));
      assertEquals(PROJECT, info.getMetadataOrThrow("resource"));
    }
    assertEquals(List.of("owner"), site.roles(PROJECT, ANA));
  }

  @Test
  @Row({"F011", "F036"})
  void ownerWhoIsNotTheCreator_removedByAnother_isGone() {
    site.share(site.as(ANA), PROJECT, BEN, "owner");
    site.share(site.as(ANA), PROJECT, CYD, "owner");
    site.revoke(site.as(BEN), PROJECT, CYD);
    site.assertChecks("NO_GRANT", CYD, PROJECT, "view");
    site.revoke(site.as(ANA), PROJECT, BEN);
    site.assertChecks("NO_GRANT", BEN, PROJECT, "view");
  }

  @Test
  @Row("F041")
  void lastWhoMayShare_leavesOrLosesIt_isRefused() {
    for (String asset : List.of(STORE, DATASET)) {
      site.resource(asset, ANA);
      site.share(asset, BEN, "owner");
      site.assertChecks("ACCESS", BEN, asset, "share");
      assertKept(
          asset, Site.refused(Fault.LAST_SHARER, () -> site.revoke(site.as(ANA), asset, ANA)));
      assertKept(
          asset, Site.refused(Fault.LAST_SHARER, () -> site.revoke(site.admin(), asset, ANA)));
      assertKept(
          asset,
          Site.refused(Fault.LAST_SHARER, () -> site.share(site.as(ANA), asset, ANA, "owner")));
      site.assertAllowed(ANA, asset, "share");
    }
  }

  @Test
  @Row("F041")
  void lastButOneWhoMayShare_leaves() {
    for (String asset : List.of(STORE, DATASET)) {
      site.resource(asset, ANA);
      site.grant(site.admin(), asset, Site.set(BEN, "owner").setCanShare(true));
      site.share(site.as(ANA), asset, ANA, "owner");
      site.assertChecks("ACCESS", ANA, asset, "share");
      site.assertAllowed(BEN, asset, "share");
      assertKept(
          asset, Site.refused(Fault.LAST_SHARER, () -> site.revoke(site.as(BEN), asset, BEN)));
    }
  }

  /** A policy is another way to say the same. */
  @Test
  @Row({"F009", "F041"})
  void policy_withoutTheLastOwnerOrSharer_isRefused() {
    site.resource(STORE, ANA);
    site.share(STORE, BEN, "owner");
    assertKept(Site.refused(Fault.LAST_OWNER, () -> setPolicy(PROJECT, policy("user", ANA, true))));
    assertKept(
        STORE,
        Site.refused(Fault.LAST_SHARER, () -> setPolicy(STORE, policy("owner", BEN, false))));
    setPolicy(STORE, policy("owner", BEN, true));
    setPolicy(PROJECT, policy("owner", BEN, false));
    assertEquals(List.of(), site.roles(STORE, ANA));
    assertEquals(List.of(), site.roles(PROJECT, ANA));
  }

  private void setPolicy(String resource, Policy.Builder policy) {
    GetPolicyRequest read = GetPolicyRequest.newBuilder().setResource(resource).build();
    String etag = site.admin().getPolicy(read).getPolicy().getEtag();
    site.admin()
        .setPolicy(
            SetPolicyRequest.newBuilder()
                .setResource(resource)
                .setPolicy(policy.setEtag(etag))
                .build());
  }

  private static Policy.Builder policy(String role, String member, boolean canShare) {
    return Policy.newBuilder()
        .addBindings(Binding.newBuilder().setRole(role).setCanShare(canShare).addMembers(member));
  }

  private static void assertKept(ErrorInfo info) {
    assertKept(PROJECT, info);
  }

  private static void assertKept(String resource, ErrorInfo info) {
    assertEquals(resource, info.getMetadataOrThrow("resource"));
  }
}
