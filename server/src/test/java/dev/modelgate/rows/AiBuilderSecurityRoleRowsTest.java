package dev.modelgate.rows;

import static dev.modelgate.rows.AiBuilderSite.APP;
import static dev.modelgate.rows.AiBuilderSite.BASIC;
import static dev.modelgate.rows.AiBuilderSite.MAKER;
import static dev.modelgate.rows.AiBuilderSite.MODEL;
import static dev.modelgate.rows.AiBuilderSite.NOBODY;
import static dev.modelgate.rows.AiBuilderSite.PROD;
import static dev.modelgate.rows.AiBuilderSite.VERSION;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.TypeRight.Depth;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** AI Builder: who creates models, and how the privilege of a role and a share come together. */
final class AiBuilderSecurityRoleRowsTest {
  private static final String NEW = PROD + "/models/new";
  private static final String CUSTOM = "user:custom@acme.com";

  private final AiBuilderSite bed = new AiBuilderSite();
  private final Site site = bed.site;

  @BeforeEach
  void begin() {
    site.principals(CUSTOM);
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F013")
  void maker_createsModels_andABasicUserDoesNot() {
    site.assertAllowed(MAKER, PROD, "create_model");
    create(MAKER);
    site.assertAllowed(MAKER, NEW, "edit", "delete", "share");

    site.assertChecks("ACCESS", BASIC, PROD, "create_model");
    refusedToCreate(BASIC, "ACCESS");
    site.assertChecks("NO_GRANT", NOBODY, PROD, "create_model");
    refusedToCreate(NOBODY, "NO_GRANT");
  }

  @Test
  @Row("F014")
  void customRole_withTheSamePrivilegesAsTheMakers_createsModels() {
    refusedToCreate(CUSTOM, "NO_GRANT");
    bed.custom(CUSTOM, "environment", Depth.DEPTH_ORGANIZATION, "list", "get_use", "create_model");
    likeAMakers("model");
    likeAMakers("version");
    site.assertAllowed(CUSTOM, PROD, "create_model");
    create(CUSTOM);
    site.assertAllowed(CUSTOM, NEW, "get", "edit", "retrain", "publish", "delete", "share");
    site.assertAllowed(CUSTOM, NEW + "/versions/1", "write", "publish");
    site.assertChecks("NO_GRANT", MAKER, NEW, "get");
  }

  @Test
  @Row("F015")
  void createPrivilege_takenAway_leavesTheModelsThatAreThere() {
    bed.published(MODEL, MAKER);
    site.assertAllowed(MAKER, PROD, "create_model");
    bed.custom(MAKER, "environment", Depth.DEPTH_ORGANIZATION, "list", "get_use");
    site.assertChecks("ACCESS", MAKER, PROD, "create_model");
    refusedToCreate(MAKER, "ACCESS");
    site.assertAllowed(
        MAKER, MODEL, "predict", "get", "edit", "retrain", "publish", "share", "delete");
  }

  @Test
  @Row("F139")
  void basicUser_withoutAShare_doesNotPredictInTheApp() {
    bed.published(MODEL, MAKER);
    site.resource(APP, MAKER);
    site.share(site.as(MAKER), APP, BASIC, "user");
    site.assertAllowed(BASIC, APP, "launch");
    site.assertChecks("NO_GRANT", BASIC, MODEL, "predict");
    site.assertChecks("PRIVILEGE", NOBODY, MODEL, "predict");
  }

  @Test
  @Row("F140")
  void basicUser_withAShareOnModelAndApp_predictsWithoutAnyAdministrator() {
    bed.published(MODEL, MAKER);
    site.resource(APP, MAKER);
    site.assertChecks("NO_GRANT", BASIC, APP, "launch");
    site.assertChecks("NO_GRANT", BASIC, MODEL, "predict");
    site.share(site.as(MAKER), APP, BASIC, "user");
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.assertAllowed(BASIC, APP, "launch");
    site.assertAllowed(BASIC, MODEL, "predict", "get_for_use");
    site.assertAllowed(BASIC, VERSION, "predict", "get_for_use");
  }

  @Test
  @Row({"F089", "F141"})
  void share_withoutThePrivilege_isDeniedForThePrivilege() {
    bed.published(MODEL, MAKER);
    site.share(site.as(MAKER), MODEL, NOBODY, "user");
    site.assertChecks("PRIVILEGE", NOBODY, MODEL, "predict", "get_for_use", "list");
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.assertAllowed(BASIC, MODEL, "predict", "get_for_use", "list");
    site.assertChecks("ACCESS", BASIC, MODEL, "write");
  }

  @Test
  @Row("F089")
  void privilege_isLookedAtActionByAction() {
    bed.published(MODEL, MAKER);
    site.share(site.as(MAKER), MODEL, CUSTOM, "co_owner");
    bed.custom(CUSTOM, "model", Depth.DEPTH_OWN, "get_use", "predict");
    site.assertAllowed(CUSTOM, MODEL, "get_use", "predict");
    site.assertChecks("PRIVILEGE", CUSTOM, MODEL, "write", "get_detail", "delete");
  }

  @Test
  @Row("F090")
  void privilege_addedLater_makesTheOldShareWork() {
    bed.published(MODEL, MAKER);
    site.share(site.as(MAKER), MODEL, CUSTOM, "user");
    site.assertChecks("PRIVILEGE", CUSTOM, MODEL, "predict", "get_for_use");
    bed.role(CUSTOM, "basic_user", Depth.DEPTH_OWN);
    site.assertAllowed(CUSTOM, MODEL, "predict", "get_for_use");
    site.assertAllowed(CUSTOM, VERSION, "predict");
    site.revoke(site.as(MAKER), MODEL, CUSTOM);
    site.assertChecks("NO_GRANT", CUSTOM, MODEL, "predict");
  }

  private void likeAMakers(String kind) {
    String[] all = {
      "list",
      "get_use",
      "get_detail",
      "predict",
      "write",
      "append",
      "append_to",
      "retrain",
      "publish",
      "delete",
      "share",
      "data.read"
    };
    bed.custom(CUSTOM, kind, Depth.DEPTH_OWN, all);
  }

  private void create(String maker) {
    site.as(maker).createResource(CreateResourceRequest.newBuilder().setName(NEW).build());
    assertEquals(1, site.roles(NEW, maker).size());
  }

  private void refusedToCreate(String actor, String denial) {
    ErrorInfo info =
        Site.refused(
            Fault.NOT_PERMITTED,
            () ->
                site.as(actor)
                    .createResource(CreateResourceRequest.newBuilder().setName(NEW).build()));
    assertEquals(
        Map.of("actor", actor, "permission", "create_model", "resource", PROD, "denial", denial),
        info.getMetadataMap());
  }
}
