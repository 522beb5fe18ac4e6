package dev.modelgate.rows;

import static dev.modelgate.grpc.Site.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.MembershipChange.Operation;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.TypeRight.Depth;
import dev.modelgate.v1.TypeRight.Effect;
import dev.modelgate.v1.TypeRightChange;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How DataRobot combines shares, the tiers of RBAC and the state of a deployment. */
final class DataRobotTiersRowsTest {
  private static final String TEAM = "group:analysts";
  private static final String PROJECT = ACME + "/projects/churn";
  private static final String DATASET = ACME + "/datasets/sales";
  private static final String DEPLOYMENT = ACME + "/deployments/churn";
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String CYD = "user:cyd@acme.com";

  private final Site site = new Site("datarobot");

  @BeforeEach
  void begin() {
    site.principals(ANA, BEN, CYD);
    site.group(TEAM, BEN);
    for (String asset : List.of(PROJECT, DATASET, DEPLOYMENT)) {
      site.resource(asset, ANA);
    }
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F083")
  void grants_directByGroupAndByOrganization_areAUnion() {
    site.share(PROJECT, BEN, "consumer");
    site.share(PROJECT, "organization:acme", "consumer");
    site.share(PROJECT, TEAM, "user");
    site.assertAllowed(BEN, PROJECT, "view", "predict");
    site.assertAllowed(CYD, PROJECT, "view");
    site.assertChecks("ACCESS", CYD, PROJECT, "predict");
    site.share(PROJECT, "organization:acme", "user");
    site.revoke(site.admin(), PROJECT, TEAM);
    site.assertAllowed(BEN, PROJECT, "predict");
    site.share(PROJECT, "organization:acme", "consumer");
    site.assertChecks("ACCESS", BEN, PROJECT, "predict");
  }

  @Test
  @Row("F084")
  void owningGroup_countsForAMemberWhoIsAlsoConsumer() {
    String asset = ACME + "/datasets/team";
    site.resource(asset, TEAM);
    site.share(asset, BEN, "consumer");
    site.share(asset, CYD, "consumer");
    site.assertAllowed(BEN, asset, "delete");
    site.assertChecks("ACCESS", CYD, asset, "delete");
    site.member(Operation.OPERATION_REMOVE, TEAM, BEN);
    site.assertChecks("ACCESS", BEN, asset, "delete");
  }

  @Test
  @Row("F085")
  void tierBelowTheShare_boundsIt() {
    site.share(PROJECT, BEN, "user");
    site.share(PROJECT, CYD, "user");
    tier(BEN, "project", "rbac_read");
    site.assertAllowed(BEN, PROJECT, "read");
    site.assertChecks("CEILING", BEN, PROJECT, "write", "predict");
    site.assertAllowed(CYD, PROJECT, "read", "write", "predict");
  }

  @Test
  @Row("F086")
  void tierWithoutAccess_closesTheKind() {
    site.share(PROJECT, BEN, "owner");
    site.share(DATASET, BEN, "owner");
    site.assertAllowed(BEN, PROJECT, "view", "predict");
    site.admin()
        .updateTypeRights(
            UpdateTypeRightsRequest.newBuilder()
                .setOrganization(ACME)
                .addChanges(
                    TypeRightChange.newBuilder()
                        .setMode(TypeRightChange.Mode.MODE_SET)
                        .setPrincipal(BEN)
                        .setKind("project")
                        .setPermissions(Permissions.getDefaultInstance())
                        .addEffects(Effect.EFFECT_BOUNDS))
                .build());
    site.assertChecks("CEILING", BEN, PROJECT, "list", "view", "predict", "edit", "delete");
    site.assertAllowed(BEN, DATASET, "view", "delete");
    site.assertAllowed(ANA, PROJECT, "view");
  }

  @Test
  @Row("F087")
  void tiersOfUserAndGroups_thatDiffer_areTheMorePermissive() {
    site.share(PROJECT, BEN, "user");
    tier(BEN, "project", "rbac_read");
    site.assertChecks("CEILING", BEN, PROJECT, "write");
    tier(TEAM, "project", "rbac_write");
    site.assertAllowed(BEN, PROJECT, "read", "write");
    site.member(Operation.OPERATION_REMOVE, TEAM, BEN);
    site.assertChecks("CEILING", BEN, PROJECT, "write");
  }

  @Test
  @Row("F088")
  void adminTier_reachesEveryAssetOfTheKind_inTheOwnOrganization() {
    site.assertChecks("NO_GRANT", BEN, PROJECT, "view");
    site.right(
        BEN,
        "project",
        "rbac_admin",
        Depth.DEPTH_ORGANIZATION,
        Effect.EFFECT_ALLOWS,
        Effect.EFFECT_BOUNDS);
    site.assertAllowed(BEN, PROJECT, "list", "view", "predict", "edit", "delete");
    site.assertChecks("NO_GRANT", BEN, DATASET, "view");
    site.assertChecks("NO_GRANT", CYD, PROJECT, "view");
    site.assertChecks("PRINCIPAL_UNKNOWN", BEN, projectOfBeta(), "view", "delete");
  }

  /** By the same name he is somebody else there, whom the tier does not reach. */
  @Test
  @Row("F088")
  void adminTier_inAnotherOrganization_reachesNothing() {
    site.right(BEN, "project", "rbac_admin", Depth.DEPTH_ORGANIZATION, Effect.EFFECT_ALLOWS);
    String project = projectOfBeta();
    site.admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization("organizations/beta")
                .setPrincipal(BEN)
                .build());
    site.assertChecks("NO_GRANT", BEN, project, "view", "delete");
    site.assertAllowed(BEN, PROJECT, "view", "delete");
  }

  @Test
  @Row("F116")
  void deployment_deactivated_predictsForNobody_untilItIsActivated() {
    site.share(DEPLOYMENT, BEN, "user");
    site.share(DEPLOYMENT, TEAM, "consumer");
    for (String somebody : List.of(ANA, BEN)) {
      site.assertAllowed(somebody, DEPLOYMENT, "predict", "view");
    }
    ErrorInfo info =
        Site.refused(Fault.NOT_PERMITTED, () -> site.flags(site.as(BEN), DEPLOYMENT, "inactive"));
    assertEquals("activate", info.getMetadataOrThrow("permission"));
    site.flags(site.as(ANA), DEPLOYMENT, "inactive");
    for (String somebody : List.of(ANA, BEN)) {
      site.assertChecks("INACTIVE", somebody, DEPLOYMENT, "predict");
      site.assertAllowed(somebody, DEPLOYMENT, "view");
    }
    site.assertChecks("NO_GRANT", CYD, DEPLOYMENT, "predict");
    site.flags(site.as(ANA), DEPLOYMENT);
    for (String somebody : List.of(ANA, BEN)) {
      site.assertAllowed(somebody, DEPLOYMENT, "predict");
    }
    site.assertChecks("NO_GRANT", CYD, DEPLOYMENT, "predict");
  }

  @Test
  @Row("F116")
  void deployment_deactivated_predictsForItsAdministratorsNeither() {
    site.right(CYD, "deployment", "rbac_admin", Depth.DEPTH_ORGANIZATION, Effect.EFFECT_ALLOWS);
    site.assertAllowed(CYD, DEPLOYMENT, "predict", "activate");
    site.flags(site.as(CYD), DEPLOYMENT, "inactive");
    site.assertChecks("INACTIVE", CYD, DEPLOYMENT, "predict");
    site.assertChecks("INACTIVE", ANA, DEPLOYMENT, "predict");
    site.flags(site.as(ANA), DEPLOYMENT);
    site.assertAllowed(CYD, DEPLOYMENT, "predict");
  }

  private void tier(String holder, String kind, String role) {
    site.right(holder, kind, role, Depth.DEPTH_UNSPECIFIED, Effect.EFFECT_BOUNDS);
  }

  private String projectOfBeta() {
    String project = "organizations/beta/projects/churn";
    site.admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder()
                .setOrganizationId("beta")
                .setProfile("datarobot")
                .build());
    site.admin().createResource(CreateResourceRequest.newBuilder().setName(project).build());
    return project;
  }
}
