package dev.modelgate.rows;

import static dev.modelgate.rows.AiBuilderSite.ADMIN;
import static dev.modelgate.rows.AiBuilderSite.BASIC;
import static dev.modelgate.rows.AiBuilderSite.CUSTOMIZER;
import static dev.modelgate.rows.AiBuilderSite.DATA;
import static dev.modelgate.rows.AiBuilderSite.EVERYTHING;
import static dev.modelgate.rows.AiBuilderSite.MAKER;
import static dev.modelgate.rows.AiBuilderSite.MODEL;
import static dev.modelgate.rows.AiBuilderSite.OTHER_MAKER;
import static dev.modelgate.rows.AiBuilderSite.PROD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.Permissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** AI Builder: administrators, co-owners, a share for edit, and kinds without a share. */
final class AiBuilderMoreThanUseRowsTest {
  private static final List<String> TYPES =
      List.of(
          "prediction",
          "text_classification",
          "document_processing",
          "object_detection",
          "generic_prediction");

  private final AiBuilderSite bed = new AiBuilderSite();
  private final Site site = bed.site;

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F026")
  void administratorAndCustomizer_doEverythingWithEveryModel() {
    for (String type : TYPES) {
      String model = PROD + "/models/" + type.replace('_', '-');
      bed.model(model, MAKER, type);
      for (String who : List.of(ADMIN, CUSTOMIZER)) {
        site.assertAllowed(who, model, EVERYTHING);
        site.assertAllowed(who, model + "/versions/1", "read", "write", "publish", "predict");
      }
      site.assertChecks("NO_GRANT", OTHER_MAKER, model, EVERYTHING);
    }
  }

  @Test
  @Row("F027")
  void coOwner_doesAllButDeleteAndAssign() {
    bed.published(MODEL, MAKER);
    site.resource(DATA, MAKER);
    site.share(site.as(MAKER), MODEL, BASIC, "co_owner");
    site.assertAllowed(
        BASIC, MODEL, "edit", "retrain", "publish", "share", "data.read", "predict", "get");
    site.assertChecks("ACCESS", BASIC, MODEL, "delete", "assign");
    site.assertChecks("NO_GRANT", BASIC, DATA, "data.read");
    site.share(site.as(MAKER), DATA, BASIC, "co_owner");
    site.assertAllowed(BASIC, DATA, "read", "data.read", "write");
    site.assertChecks("ACCESS", BASIC, DATA, "delete", "assign");

    site.share(site.as(BASIC), MODEL, OTHER_MAKER, "user");
    site.assertAllowed(OTHER_MAKER, MODEL, "predict");
    ErrorInfo more =
        Site.refused(
            Fault.CAP_EXCEEDED,
            () -> site.share(site.as(BASIC), MODEL, OTHER_MAKER, "full_access"));
    assertEquals("delete,assign", more.getMetadataOrThrow("permissions"));
    ErrorInfo info =
        Site.refused(
            Fault.NOT_PERMITTED,
            () ->
                site.as(BASIC)
                    .deleteResource(DeleteResourceRequest.newBuilder().setName(MODEL).build()));
    assertEquals("ACCESS", info.getMetadataOrThrow("denial"));

    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.assertChecks("ACCESS", BASIC, MODEL, "edit", "retrain", "publish", "share", "data.read");
  }

  @Test
  @Row("F028")
  void shareForEdit_opensTheModelAndNotItsTrainingData() {
    bed.published(MODEL, MAKER);
    site.resource(DATA, MAKER);
    masked(MODEL, OTHER_MAKER, "write");
    site.assertAllowed(OTHER_MAKER, MODEL, "write");
    site.assertChecks("ACCESS", OTHER_MAKER, MODEL, "edit");

    masked(MODEL, OTHER_MAKER, "write", "append");
    site.assertAllowed(OTHER_MAKER, MODEL, "edit");
    site.assertChecks(
        "ACCESS", OTHER_MAKER, MODEL, "data.read", "predict", "delete", "share", "assign");
    site.assertChecks("NO_GRANT", OTHER_MAKER, DATA, "read", "data.read");

    masked(DATA, OTHER_MAKER, "get_use", "data.read");
    site.assertAllowed(OTHER_MAKER, DATA, "data.read");
    masked(MODEL, OTHER_MAKER, "write", "append", "data.read");
    site.assertAllowed(OTHER_MAKER, MODEL, "edit", "data.read");
  }

  @Test
  @Row("F029")
  void model_ofAKindThatIsNeverShared_isRefused() {
    String model = PROD + "/models/generic";
    bed.model(model, MAKER, "generic_prediction", "published");
    for (String actor : List.of(MAKER, ADMIN)) {
      ErrorInfo info =
          Site.refused(
              Fault.KIND_NOT_SHAREABLE, () -> site.share(site.as(actor), model, BASIC, "user"));
      assertEquals(model, info.getMetadataOrThrow("value"));
    }
    assertEquals(1, site.grants(model).size());
    site.assertChecks("NO_GRANT", BASIC, model, "predict");

    bed.model(MODEL, MAKER, "object_detection", "published");
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.assertAllowed(BASIC, MODEL, "predict");
  }

  @Test
  void coOwner_ofAnEnvironment_sharesIt() {
    site.share(PROD, MAKER, "co_owner");
    site.share(site.as(MAKER), PROD, BASIC, "user");
    site.assertAllowed(BASIC, PROD, "get_for_use");
    ErrorInfo info =
        Site.refused(
            Fault.NOT_PERMITTED, () -> site.share(site.as(BASIC), PROD, OTHER_MAKER, "user"));
    assertEquals("ACCESS", info.getMetadataOrThrow("denial"));
  }

  /** What an administrator does who shares by rights and not by a role. */
  private void masked(String resource, String principal, String... permissions) {
    site.grant(
        site.as(ADMIN),
        resource,
        GrantChange.newBuilder()
            .setMode(GrantChange.Mode.MODE_SET)
            .setPrincipal(principal)
            .setPermissions(Permissions.newBuilder().addAllPermissions(List.of(permissions))));
  }
}
