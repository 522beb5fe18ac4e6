package dev.modelgate.rows;

import static dev.modelgate.grpc.Site.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListResourcesRequest;
import dev.modelgate.v1.LookupResourcesRequest;
import dev.modelgate.v1.Resource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What DataRobot's roles mean on projects, deployments and datasets. */
final class DataRobotRolesRowsTest {
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
    for (String asset : List.of(PROJECT, DATASET, DEPLOYMENT)) {
      site.resource(asset, ANA);
    }
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F072")
  void projectConsumer_cannotPredict_andUserCan() {
    site.share(PROJECT, BEN, "consumer");
    site.assertAllowed(BEN, PROJECT, "view");
    site.assertChecks("ACCESS", BEN, PROJECT, "predict");
    site.share(PROJECT, BEN, "user");
    site.assertAllowed(BEN, PROJECT, "predict");
  }

  @Test
  @Row("F073")
  void project_deletedOrUnlocked_byItsOwnersOnly() {
    site.share(PROJECT, BEN, "user");
    site.share(PROJECT, CYD, "consumer");
    site.assertAllowed(ANA, PROJECT, "delete", "unlock_holdout");
    site.assertAllowed(BEN, PROJECT, "run_autopilot", "clone");
    site.assertChecks("ACCESS", BEN, PROJECT, "delete", "unlock_holdout");
    site.assertChecks("ACCESS", CYD, PROJECT, "delete", "unlock_holdout");
  }

  @Test
  @Row("F074")
  void deployment_offersOwnerUserAndConsumer_noEditor() {
    ErrorInfo info =
        Site.refused(Fault.UNKNOWN_ROLE, () -> site.share(site.as(ANA), DEPLOYMENT, BEN, "editor"));
    assertEquals("editor", info.getMetadataOrThrow("value"));
    assertEquals("deployment", info.getMetadataOrThrow("kind"));
    assertEquals("one of [consumer, owner, user]", info.getMetadataOrThrow("expected"));
    assertEquals(List.of(), site.roles(DEPLOYMENT, BEN));
    for (String role : List.of("consumer", "user", "owner")) {
      site.share(site.as(ANA), DEPLOYMENT, BEN, role);
      assertEquals(List.of(role), site.roles(DEPLOYMENT, BEN));
    }
  }

  @Test
  @Row("F075")
  void deploymentConsumer_predicts_andSeesNothing() {
    site.assertChecks("NO_GRANT", BEN, DEPLOYMENT, "predict");
    site.share(DEPLOYMENT, BEN, "consumer");
    site.assertAllowed(BEN, DEPLOYMENT, "predict");
    site.assertChecks("ACCESS", BEN, DEPLOYMENT, "view", "get", "view_settings", "monitor");
    site.share(DEPLOYMENT, BEN, "user");
    site.assertAllowed(BEN, DEPLOYMENT, "view", "get", "view_settings", "monitor");
  }

  @Test
  @Row("F076")
  void deploymentUser_viewsAndShares_andChangesNothing() {
    site.grant(site.admin(), DEPLOYMENT, Site.set(BEN, "user").setCanShare(true));
    site.assertAllowed(BEN, DEPLOYMENT, "view", "share");
    String[] owners = {"replace_model", "settings", "change_settings", "deactivate", "delete"};
    site.assertChecks("ACCESS", BEN, DEPLOYMENT, owners);
    site.assertAllowed(ANA, DEPLOYMENT, owners);
  }

  @Test
  @Row({"F077", "F138"})
  void deployment_isMissingFromAConsumersList_andInAUsers() {
    site.share(DEPLOYMENT, BEN, "consumer");
    site.assertAllowed(BEN, DEPLOYMENT, "predict");
    assertEquals(List.of(), listed(BEN));
    assertEquals(List.of(), lookedUp(BEN, "list"));
    assertEquals(List.of(DEPLOYMENT), lookedUp(BEN, "predict"));
    site.share(DEPLOYMENT, BEN, "user");
    assertEquals(List.of(DEPLOYMENT), listed(BEN));
    assertEquals(List.of(DEPLOYMENT), lookedUp(BEN, "list"));
  }

  @Test
  @Row("F078")
  void projectAndItsDeployment_giveNothingForEachOther() {
    site.share(PROJECT, BEN, "owner");
    site.assertAllowed(BEN, PROJECT, "view", "predict");
    site.assertChecks("NO_GRANT", BEN, DEPLOYMENT, "view", "predict", "delete");
    site.grant(site.admin(), DEPLOYMENT, Site.set(CYD, "owner").setCanShare(true));
    site.assertAllowed(CYD, DEPLOYMENT, "view", "predict");
    site.assertChecks("NO_GRANT", CYD, PROJECT, "view", "predict", "delete");
  }

  @Test
  @Row("F079")
  void share_withoutARole_givesTheDefaultOfTheKind() {
    site.grant(site.as(ANA), DATASET, withoutRole());
    site.grant(site.as(ANA), DEPLOYMENT, withoutRole());
    assertEquals(List.of("editor"), site.roles(DATASET, BEN));
    assertEquals(List.of("user"), site.roles(DEPLOYMENT, BEN));
  }

  @Test
  @Row("F079")
  void share_withoutARole_whereTheKindHasNoDefault_isRefused() {
    try (Site google = new Site("google-ai-platform")) {
      String project = ACME + "/projects/p";
      google.resource(project, ANA);
      google.resource(project + "/models/m", ANA);
      ErrorInfo info =
          Site.refused(
              Fault.UNKNOWN_ROLE,
              () -> google.grant(google.admin(), project + "/models/m", withoutRole()));
      assertEquals("role", info.getMetadataOrThrow("field"));
      assertEquals("", info.getMetadataOrThrow("value"));
      assertEquals(List.of(), google.roles(project + "/models/m", BEN));
    }
  }

  @Test
  @Row("F080")
  void dataset_withoutItsData_isReadAndNotDownloaded() {
    site.share(DATASET, BEN, "consumer");
    site.assertAllowed(BEN, DATASET, "view", "get");
    site.assertChecks("ACCESS", BEN, DATASET, "download", "use_data", "create_project");
    site.grant(site.admin(), DATASET, Site.set(BEN, "consumer").setCanUseData(true));
    site.assertAllowed(BEN, DATASET, "view", "get", "download", "use_data", "create_project");
  }

  @Test
  @Row("F081")
  void datasetOwner_usesTheData_whateverIsSet() {
    site.grant(
        site.admin(), DATASET, Site.set(BEN, "owner").setCanShare(true).setCanUseData(false));
    assertTrue(grantOf(BEN).getCanUseData());
    site.assertAllowed(BEN, DATASET, "download", "create_project");
    site.share(DATASET, BEN, "editor");
    assertFalse(grantOf(BEN).getCanUseData());
    site.assertChecks("ACCESS", BEN, DATASET, "download", "create_project");
  }

  private Grant grantOf(String principal) {
    return site.grants(DATASET).stream()
        .filter(grant -> grant.getPrincipal().equals(principal))
        .findFirst()
        .orElseThrow();
  }

  private List<String> listed(String actor) {
    return site
        .as(actor)
        .listResources(ListResourcesRequest.newBuilder().setParent(ACME).build())
        .getResourcesList()
        .stream()
        .map(Resource::getName)
        .toList();
  }

  private List<String> lookedUp(String principal, String action) {
    return site.data()
        .lookupResources(
            LookupResourcesRequest.newBuilder()
                .setPrincipal(principal)
                .setAction(action)
                .setParent(ACME)
                .build())
        .getResourcesList();
  }

  private static GrantChange.Builder withoutRole() {
    return GrantChange.newBuilder().setMode(GrantChange.Mode.MODE_SET).setPrincipal(BEN);
  }
}
