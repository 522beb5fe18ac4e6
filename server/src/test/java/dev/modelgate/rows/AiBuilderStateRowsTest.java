package dev.modelgate.rows;

import static dev.modelgate.rows.AiBuilderSite.ADMIN;
import static dev.modelgate.rows.AiBuilderSite.BASIC;
import static dev.modelgate.rows.AiBuilderSite.CUSTOMIZER;
import static dev.modelgate.rows.AiBuilderSite.MAKER;
import static dev.modelgate.rows.AiBuilderSite.MODEL;
import static dev.modelgate.rows.AiBuilderSite.OTHER_MAKER;
import static dev.modelgate.rows.AiBuilderSite.PROD;
import static dev.modelgate.rows.AiBuilderSite.TABLE;
import static dev.modelgate.rows.AiBuilderSite.VERSION;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.GetResourceRequest;
import dev.modelgate.v1.TypeRight.Depth;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** AI Builder: what the state of a model closes. */
final class AiBuilderStateRowsTest {
  private final AiBuilderSite bed = new AiBuilderSite();
  private final Site site = bed.site;

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F109")
  void firstPublish_ofAPrediction_takesTheSchemaRight() {
    bed.model(MODEL, MAKER, "prediction");
    site.share(site.as(MAKER), MODEL, OTHER_MAKER, "co_owner");
    site.assertChecks("SCHEMA_RIGHT_REQUIRED", MAKER, MODEL, "publish");
    site.assertChecks("SCHEMA_RIGHT_REQUIRED", OTHER_MAKER, MODEL, "publish");
    site.assertAllowed(MAKER, MODEL, "edit", "retrain");
    site.assertAllowed(CUSTOMIZER, MODEL, "publish");
    bed.role(MAKER, "system_customizer", Depth.DEPTH_ORGANIZATION);
    site.assertAllowed(MAKER, MODEL, "publish");

    String other = PROD + "/models/documents";
    bed.model(other, OTHER_MAKER, "document_processing");
    site.assertAllowed(OTHER_MAKER, other, "publish");
  }

  @Test
  @Row("F110")
  void laterPublish_isThePlainOwners() {
    bed.model(MODEL, MAKER, "prediction");
    site.assertChecks("SCHEMA_RIGHT_REQUIRED", MAKER, MODEL, "publish");
    ErrorInfo info =
        Site.refused(
            Fault.NOT_PERMITTED, () -> site.flags(site.as(MAKER), MODEL, "published_once"));
    assertEquals("customize", info.getMetadataOrThrow("permission"));
    site.assertChecks("SCHEMA_RIGHT_REQUIRED", MAKER, MODEL, "publish");

    site.flags(site.as(CUSTOMIZER), MODEL, "published_once");
    site.assertAllowed(MAKER, MODEL, "publish");
    site.assertChecks("NO_GRANT", OTHER_MAKER, MODEL, "publish");
  }

  @Test
  @Row("F111")
  void firstRun_ofATextClassification_isACustomizersAndMakesTheTable() {
    bed.model(MODEL, MAKER, "text_classification", "published");
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    for (String who : List.of(MAKER, BASIC)) {
      site.assertChecks("SCHEMA_RIGHT_REQUIRED", who, MODEL, "predict");
      ErrorInfo info = Site.refused(Fault.NOT_PERMITTED, () -> table(who));
      assertEquals("customize", info.getMetadataOrThrow("permission"));
      assertEquals("ACCESS", info.getMetadataOrThrow("denial"));
    }
    site.assertAllowed(ADMIN, MODEL, "predict");
    site.assertAllowed(CUSTOMIZER, MODEL, "predict");
    GetResourceRequest get = GetResourceRequest.newBuilder().setName(TABLE).build();
    Site.refused(Fault.NOT_FOUND, () -> site.admin().getResource(get));
    table(CUSTOMIZER);
    site.flags(site.as(CUSTOMIZER), MODEL, "published", "run_once");
    assertEquals("table", site.as(CUSTOMIZER).getResource(get).getResource().getKind());
    site.assertAllowed(CUSTOMIZER, TABLE, "read");
  }

  @Test
  @Row("F112")
  void rerun_isACustomizers_orOfAllWhoMayPredict_asConfigured() {
    bed.model(MODEL, MAKER, "text_classification", "published", "run_once");
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.assertChecks("CUSTOMIZER_REQUIRED", BASIC, MODEL, "predict");
    site.assertChecks("CUSTOMIZER_REQUIRED", MAKER, MODEL, "predict");
    site.assertAllowed(CUSTOMIZER, MODEL, "predict");
    site.feature("strict_rerun", false);
    site.assertAllowed(BASIC, MODEL, "predict");
    site.assertAllowed(MAKER, MODEL, "predict");
    site.assertChecks("NO_GRANT", OTHER_MAKER, MODEL, "predict");
    site.flags(site.as(CUSTOMIZER), MODEL, "published");
    site.assertChecks("SCHEMA_RIGHT_REQUIRED", BASIC, MODEL, "predict");
    site.flags(site.as(CUSTOMIZER), MODEL, "published", "run_once");
    site.feature("strict_rerun", true);
    site.assertChecks("CUSTOMIZER_REQUIRED", BASIC, MODEL, "predict");
  }

  @Test
  @Row("F113")
  void results_areClosedUntilAnAdministratorGrantsTheTable() {
    bed.model(MODEL, MAKER, "text_classification", "published");
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    table(CUSTOMIZER);
    site.flags(site.as(CUSTOMIZER), MODEL, "published", "run_once");
    site.assertChecks("NO_GRANT", BASIC, TABLE, "read", "results.read", "list");
    site.assertChecks("NO_GRANT", MAKER, TABLE, "read");
    Site.refused(Fault.NOT_PERMITTED, () -> site.share(site.as(MAKER), TABLE, BASIC, "user"));
    site.share(site.as(ADMIN), TABLE, BASIC, "user");
    site.assertAllowed(BASIC, TABLE, "read", "results.read", "list");
    site.assertChecks("ACCESS", BASIC, TABLE, "write", "delete");
    site.assertChecks("NO_GRANT", MAKER, TABLE, "read");
  }

  @Test
  @Row("F114")
  void model_withoutAPublishedVersion_isNotPredictedByWhomItIsSharedWith() {
    bed.model(MODEL, MAKER, "document_processing");
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.share(site.as(MAKER), MODEL, OTHER_MAKER, "co_owner");
    site.assertChecks("NOT_PUBLISHED", BASIC, MODEL, "predict");
    site.assertChecks("NOT_PUBLISHED", BASIC, VERSION, "predict");
    site.assertChecks("NOT_PUBLISHED", OTHER_MAKER, MODEL, "predict");
    site.assertAllowed(BASIC, MODEL, "get_for_use", "list");
    site.assertAllowed(MAKER, MODEL, "predict");
    site.assertAllowed(MAKER, VERSION, "predict");
    site.assertAllowed(ADMIN, MODEL, "predict");

    Site.refused(Fault.NOT_PERMITTED, () -> site.flags(site.as(BASIC), MODEL, "published"));
    site.flags(site.as(MAKER), MODEL, "published");
    site.assertAllowed(BASIC, MODEL, "predict");
    site.assertAllowed(BASIC, VERSION, "predict");
    site.flags(site.as(MAKER), MODEL);
    site.assertChecks("NOT_PUBLISHED", BASIC, MODEL, "predict");
  }

  @Test
  @Row("F115")
  void feature_switchedOff_leavesDeleteOnly_andReturns() {
    String other = PROD + "/models/documents";
    bed.model(MODEL, MAKER, "object_detection", "published");
    bed.model(other, MAKER, "document_processing", "published");
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.feature("object_detection", false);
    String[] closed =
        Arrays.stream(AiBuilderSite.EVERYTHING)
            .filter(action -> !action.equals("delete"))
            .toArray(String[]::new);
    for (String who : List.of(MAKER, ADMIN)) {
      site.assertChecks("FEATURE_OFF", who, MODEL, closed);
      site.assertAllowed(who, MODEL, "delete");
      site.assertChecks("FEATURE_OFF", who, VERSION, "get_for_use", "predict", "write");
      site.assertAllowed(who, other, AiBuilderSite.EVERYTHING);
      ErrorInfo info =
          Site.refused(
              Fault.NOT_PERMITTED, () -> site.share(site.as(who), MODEL, OTHER_MAKER, "user"));
      assertEquals(
          Map.of("actor", who, "permission", "share", "resource", MODEL, "denial", "FEATURE_OFF"),
          info.getMetadataMap());
    }
    site.assertChecks("FEATURE_OFF", BASIC, MODEL, "predict", "get_for_use", "list");
    site.assertChecks("ACCESS", BASIC, MODEL, "delete");

    site.feature("object_detection", true);
    site.assertAllowed(MAKER, MODEL, AiBuilderSite.EVERYTHING);
    site.assertAllowed(BASIC, MODEL, "predict", "get_for_use", "list");
    site.feature("object_detection", false);
    site.as(MAKER).deleteResource(DeleteResourceRequest.newBuilder().setName(MODEL).build());
    site.assertChecks("UNKNOWN_RESOURCE", MAKER, MODEL, "delete");
  }

  /** Registers the table of results, as the platform does for whoever ran the model. */
  private void table(String actor) {
    site.as(actor).createResource(CreateResourceRequest.newBuilder().setName(TABLE).build());
  }
}
