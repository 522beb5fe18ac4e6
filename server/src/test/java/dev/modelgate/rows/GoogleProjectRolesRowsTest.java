package dev.modelgate.rows;

import static dev.modelgate.rows.GoogleSite.ANA;
import static dev.modelgate.rows.GoogleSite.BEN;
import static dev.modelgate.rows.GoogleSite.CARL;
import static dev.modelgate.rows.GoogleSite.ELSEWHERE;
import static dev.modelgate.rows.GoogleSite.FAR;
import static dev.modelgate.rows.GoogleSite.FOURTEEN;
import static dev.modelgate.rows.GoogleSite.MODEL;
import static dev.modelgate.rows.GoogleSite.OTHER;
import static dev.modelgate.rows.GoogleSite.OWNER;
import static dev.modelgate.rows.GoogleSite.PROJECT;
import static dev.modelgate.rows.GoogleSite.VERSION;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.Grant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Google's ml roles, basic roles and custom roles: what each gives where. */
final class GoogleProjectRolesRowsTest {
  private static final String NEW = PROJECT + "/models/new";

  private final GoogleSite bed = new GoogleSite();
  private final Site site = bed.site;

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F066")
  void modelOwner_hasAllFourteenOnTheModelAndItsVersions_andNothingOnAnother() {
    site.assertChecks("NO_GRANT", ANA, MODEL, FOURTEEN);
    site.share(MODEL, ANA, "ml.modelOwner");
    site.assertAllowed(ANA, MODEL, FOURTEEN);
    site.assertAllowed(ANA, VERSION, FOURTEEN);
    assertEquals(List.of(FOURTEEN), bed.permissions(ANA, MODEL));
    site.assertChecks("NO_GRANT", ANA, OTHER, FOURTEEN);
    site.assertChecks("NO_GRANT", ANA, OTHER + "/versions/v1", FOURTEEN);
    site.assertChecks("NO_GRANT", ANA, PROJECT, "ml.models.create", "ml.operations.get");
  }

  @Test
  @Row("F067")
  void mlViewer_onTheProject_getsAndListsEveryModelAndDoesNotPredict() {
    site.assertChecks("NO_GRANT", ANA, MODEL, "ml.models.get", "ml.models.list");
    site.share(PROJECT, ANA, "ml.viewer");
    for (String model : List.of(MODEL, OTHER)) {
      site.assertAllowed(ANA, model, "ml.models.get", "ml.models.list");
      site.assertChecks("ACCESS", ANA, model, "ml.models.predict", "ml.models.getIamPolicy");
      site.assertChecks("ACCESS", ANA, model + "/versions/v1", "ml.versions.predict");
    }
    site.assertChecks("NO_GRANT", ANA, FAR, "ml.models.get", "ml.models.list");
  }

  @Test
  @Row("F068")
  void basicViewer_onTheProject_predicts_whereTheMlViewerDoesNot() {
    site.share(PROJECT, ANA, "viewer");
    site.share(PROJECT, BEN, "ml.viewer");
    site.assertAllowed(ANA, MODEL, "ml.models.predict", "ml.models.getIamPolicy");
    site.assertAllowed(ANA, VERSION, "ml.versions.predict");
    site.assertChecks("ACCESS", BEN, MODEL, "ml.models.predict", "ml.models.getIamPolicy");
    site.assertChecks("ACCESS", BEN, VERSION, "ml.versions.predict");
    site.assertChecks("ACCESS", ANA, MODEL, "ml.models.update", "ml.models.setIamPolicy");
  }

  @Test
  @Row("F069")
  void developer_predictsAndCreatesModels_andNoVersionsInThoseOfOthers() {
    site.share(PROJECT, ANA, "ml.developer");
    site.share(PROJECT, BEN, "ml.editor");
    site.assertAllowed(ANA, MODEL, "ml.models.predict");
    site.assertAllowed(ANA, OTHER + "/versions/v1", "ml.versions.predict");
    site.assertAllowed(ANA, PROJECT, "create_model", "ml.models.create");
    create(ANA, NEW);
    site.assertChecks("ACCESS", ANA, MODEL, "ml.versions.create", "create_version");
    refusedToCreate(ANA, VERSION, "ml.versions.create", MODEL);
    site.assertAllowed(BEN, MODEL, "ml.versions.create", "create_version");
    create(BEN, VERSION);
  }

  @Test
  @Row("F069")
  void viewer_doesNotCreateModels() {
    site.share(PROJECT, ANA, "ml.viewer");
    site.assertChecks("ACCESS", ANA, PROJECT, "create_model");
    refusedToCreate(ANA, NEW, "ml.models.create", PROJECT);
  }

  @Test
  @Row("F070")
  void developer_whoCreatedTheModel_createsVersionsByTheAutomaticOwnerGrant() {
    site.share(PROJECT, ANA, "ml.developer");
    create(ANA, NEW);
    Grant automatic = site.grants(NEW).get(0);
    assertEquals(1, site.grants(NEW).size());
    assertEquals(ANA, automatic.getPrincipal());
    assertEquals("ml.modelOwner", automatic.getRole());
    assertEquals(Grant.Origin.ORIGIN_CREATOR, automatic.getOrigin());
    site.assertAllowed(ANA, NEW, "ml.versions.create", "create_version");
    create(ANA, NEW + "/versions/v1");
    site.revoke(site.admin(), NEW, ANA);
    site.assertChecks("ACCESS", ANA, NEW, "ml.versions.create");
    refusedToCreate(ANA, NEW + "/versions/v2", "ml.versions.create", NEW);
  }

  @Test
  @Row("F071")
  void customRole_ofTheProfile_addsExactlyItsPermissions() {
    Site.refused(Fault.UNKNOWN_ROLE, () -> site.share(MODEL, ANA, "tester"));
    bed.profile(
        Map.of(
            "[ml.admin, ml.modelOwner, ml.modelUser]",
            "[ml.admin, ml.modelOwner, ml.modelUser, tester]",
            "  ml.jobOwner:\n",
            """
              tester:
                rank: 10
                permissions: {"*": [ml.models.get, ml.models.update]}
              ml.jobOwner:
            """));
    site.share(MODEL, ANA, "tester");
    assertEquals(List.of("ml.models.get", "ml.models.update"), bed.permissions(ANA, MODEL));
    site.assertChecks("ACCESS", ANA, MODEL, "ml.models.predict", "ml.models.delete");
    site.assertChecks("NO_GRANT", ANA, OTHER, "ml.models.get", "ml.models.update");
  }

  @Test
  @Row("F071")
  void customSet_granted_addsExactlyItsPermissions() {
    site.share(PROJECT, ANA, "ml.viewer");
    List<String> before = bed.permissions(ANA, MODEL);
    site.grant(site.admin(), MODEL, GoogleSite.set(ANA, "ml.models.predict", "ml.models.update"));
    List<String> after = bed.permissions(ANA, MODEL);
    assertEquals(
        List.of("ml.models.predict", "ml.models.update"),
        after.stream().filter(permission -> !before.contains(permission)).toList());
    assertEquals(before.size() + 2, after.size());
    site.assertChecks("ACCESS", ANA, OTHER, "ml.models.predict", "ml.models.update");

    site.grant(site.admin(), MODEL, GoogleSite.set(BEN, "ml.models.predict"));
    assertEquals(List.of("ml.models.predict"), bed.permissions(BEN, MODEL));
    site.assertChecks("ACCESS", BEN, MODEL, "ml.models.get", "ml.models.update");
    Site.refused(
        Fault.UNKNOWN_PERMISSION,
        () -> site.grant(site.admin(), MODEL, GoogleSite.set(CARL, "ml.models.fly")));
  }

  @Test
  @Row("F095")
  void role_onTheProject_holdsOnModelsAndVersionsBelowIt() {
    for (String role : List.of("ml.developer", "ml.modelUser")) {
      site.share(PROJECT, ANA, role);
      site.assertAllowed(ANA, MODEL, "ml.models.get", "ml.models.predict");
      site.assertAllowed(ANA, OTHER, "ml.models.get", "ml.models.predict");
      site.assertAllowed(ANA, VERSION, "ml.versions.get", "ml.versions.predict");
      site.assertChecks("NO_GRANT", ANA, FAR, "ml.models.get", "ml.models.predict");
      site.assertChecks("NO_GRANT", ANA, ELSEWHERE, "ml.projects.getConfig");
    }
    site.revoke(site.admin(), PROJECT, ANA);
    site.assertChecks("NO_GRANT", ANA, MODEL, "ml.models.get", "ml.models.predict");
    site.assertChecks("NO_GRANT", ANA, VERSION, "ml.versions.get", "ml.versions.predict");
  }

  @Test
  @Row("F095")
  void role_onTheModel_holdsOnItsVersionsAndNotAbove() {
    site.share(MODEL, ANA, "ml.modelUser");
    site.assertAllowed(ANA, VERSION, "ml.versions.get", "ml.versions.predict");
    site.assertChecks("NO_GRANT", ANA, PROJECT, "ml.models.get", "ml.models.predict");
    site.assertAllowed(OWNER, VERSION, "ml.versions.delete");
  }

  private void create(String actor, String name) {
    site.as(actor).createResource(CreateResourceRequest.newBuilder().setName(name).build());
  }

  private void refusedToCreate(String actor, String name, String permission, String parent) {
    var info = Site.refused(Fault.NOT_PERMITTED, () -> create(actor, name));
    assertEquals(
        Map.of("actor", actor, "permission", permission, "resource", parent, "denial", "ACCESS"),
        info.getMetadataMap());
  }
}
