package dev.modelgate.rows;

import static dev.modelgate.rows.AiBuilderSite.ADMIN;
import static dev.modelgate.rows.AiBuilderSite.APP;
import static dev.modelgate.rows.AiBuilderSite.BASIC;
import static dev.modelgate.rows.AiBuilderSite.DATA;
import static dev.modelgate.rows.AiBuilderSite.MAKER;
import static dev.modelgate.rows.AiBuilderSite.MODEL;
import static dev.modelgate.rows.AiBuilderSite.OTHER_MAKER;
import static dev.modelgate.rows.AiBuilderSite.PROD;
import static dev.modelgate.rows.AiBuilderSite.VERSION;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListResourcesRequest;
import dev.modelgate.v1.Resource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** AI Builder: what a share as user opens, and how models are listed. */
final class AiBuilderUseRowsTest {
  private static final String PRIVATE = PROD + "/models/private";
  private static final String OTHERS = PROD + "/models/others";

  private final AiBuilderSite bed = new AiBuilderSite();
  private final Site site = bed.site;

  @BeforeEach
  void begin() {
    bed.published(MODEL, MAKER);
    bed.published(PRIVATE, MAKER);
    bed.published(OTHERS, OTHER_MAKER);
    site.resource(DATA, MAKER);
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F017")
  void user_managesNothing() {
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.assertAllowed(BASIC, MODEL, "predict");
    site.assertChecks(
        "ACCESS", BASIC, MODEL, "edit", "retrain", "publish", "delete", "share", "assign");
    ErrorInfo info =
        Site.refused(
            Fault.NOT_PERMITTED,
            () ->
                site.as(BASIC)
                    .deleteResource(DeleteResourceRequest.newBuilder().setName(MODEL).build()));
    assertEquals("ACCESS", info.getMetadataOrThrow("denial"));
    site.share(site.as(MAKER), MODEL, BASIC, "co_owner");
    site.assertAllowed(BASIC, MODEL, "edit", "retrain", "publish", "share");
  }

  @Test
  @Row("F018")
  void user_readsNoTrainingData() {
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.assertChecks("ACCESS", BASIC, MODEL, "data.read");
    site.assertChecks("NO_GRANT", BASIC, DATA, "read", "data.read", "list");
    site.assertAllowed(MAKER, DATA, "read", "data.read");
    site.share(site.as(MAKER), DATA, BASIC, "user");
    site.assertAllowed(BASIC, DATA, "read", "data.read");
  }

  @Test
  @Row("F019")
  void prediction_directOrThroughAnApp_isDecidedAlike() {
    assertPredicts("NO_GRANT");
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    assertPredicts("ALLOW");
    site.revoke(site.as(MAKER), MODEL, BASIC);
    assertPredicts("NO_GRANT");
  }

  @Test
  @Row("F021")
  void appShare_opensTheAppAndNotItsModel() {
    site.resource(APP, MAKER);
    site.assertChecks("NO_GRANT", BASIC, APP, "launch");
    site.share(site.as(MAKER), APP, BASIC, "user");
    site.assertAllowed(BASIC, APP, "launch", "get_for_use");
    site.assertChecks("NO_GRANT", BASIC, MODEL, "predict", "get_for_use", "list");
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.assertAllowed(BASIC, MODEL, "predict");
  }

  @Test
  @Row("F022")
  void appMaker_findsAModelToUseOnlyAfterAShare() {
    assertEquals(List.of(OTHERS), site.lookup(OTHER_MAKER, "get_for_use", PROD, "model"));
    assertEquals(List.of(OTHERS), listed(OTHER_MAKER));
    site.share(site.as(MAKER), MODEL, OTHER_MAKER, "user");
    assertEquals(List.of(MODEL, OTHERS), site.lookup(OTHER_MAKER, "get_for_use", PROD, "model"));
    assertEquals(List.of(MODEL, OTHERS), site.lookup(OTHER_MAKER, "predict", PROD, "model"));
    assertEquals(List.of(MODEL, OTHERS), listed(OTHER_MAKER));
    site.revoke(site.as(MAKER), MODEL, OTHER_MAKER);
    assertEquals(List.of(OTHERS), site.lookup(OTHER_MAKER, "get_for_use", PROD, "model"));
  }

  @Test
  @Row("F023")
  void user_predictsAndSeesNoDetails() {
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.assertAllowed(BASIC, MODEL, "predict", "get_for_use", "list");
    site.assertChecks("ACCESS", BASIC, MODEL, "get", "get_detail", "edit", "publish", "delete");
    site.assertChecks("ACCESS", BASIC, VERSION, "get", "get_detail");
    site.assertAllowed(MAKER, MODEL, "get", "get_detail");
  }

  @Test
  @Row("F024")
  void models_ofOneselfAndSharedOnes_areToldApart() {
    site.share(site.as(MAKER), MODEL, OTHER_MAKER, "co_owner");
    assertEquals(List.of(MODEL, OTHERS), listed(OTHER_MAKER));
    assertEquals(List.of(OTHERS), mine(OTHER_MAKER));
    assertEquals(List.of(OTHERS), owned(OTHER_MAKER));
    site.transfer(site.as(ADMIN), MODEL, MAKER, OTHER_MAKER, "user");
    assertEquals(List.of(MODEL, OTHERS), mine(OTHER_MAKER));
    assertEquals(List.of(MODEL, OTHERS), owned(OTHER_MAKER));
    assertEquals(List.of(MODEL, PRIVATE), listed(MAKER));
    assertEquals(List.of(PRIVATE), mine(MAKER));
  }

  @Test
  @Row("F025")
  void administrator_seesAllModels_andNoneOfThemAsHisOwn() {
    site.share(site.as(MAKER), MODEL, ADMIN, "user");
    assertEquals(List.of(MODEL, OTHERS, PRIVATE), listed(ADMIN));
    assertEquals(List.of(MODEL, OTHERS, PRIVATE), site.lookup(ADMIN, "get_for_use", PROD, "model"));
    assertEquals(List.of(), mine(ADMIN));
    assertEquals(List.of(OTHERS), listed(OTHER_MAKER));
    assertEquals(List.of(), listed(BASIC));
    site.transfer(site.as(ADMIN), OTHERS, OTHER_MAKER, ADMIN, "");
    assertEquals(List.of(OTHERS), mine(ADMIN));
    assertEquals(List.of(MODEL, OTHERS, PRIVATE), listed(ADMIN));
  }

  @Test
  @Row("F103")
  void version_ofASharedModel_isReadForPrediction() {
    site.resource(VERSION, MAKER);
    String unregistered = MODEL + "/versions/2";
    for (String version : List.of(VERSION, unregistered)) {
      site.assertChecks("NO_GRANT", BASIC, version, "read", "get_for_use", "predict");
    }
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    for (String version : List.of(VERSION, unregistered)) {
      site.assertAllowed(BASIC, version, "read", "get_for_use", "predict");
      site.assertChecks("ACCESS", BASIC, version, "write", "delete", "data.read");
    }
    site.assertChecks("NO_GRANT", BASIC, PRIVATE + "/versions/1", "read", "predict");
  }

  /** Asks as an app does, which says so in the context, and as one who calls directly. */
  private void assertPredicts(String expected) {
    Struct fromApp =
        Struct.newBuilder()
            .putFields("app", Value.newBuilder().setStringValue("claims").build())
            .build();
    for (String resource : List.of(MODEL, VERSION)) {
      for (Struct context : List.of(Struct.getDefaultInstance(), fromApp)) {
        assertEquals(
            expected,
            site.check(
                CheckRequest.newBuilder()
                    .setPrincipal(BASIC)
                    .setModel(resource)
                    .setAction("predict")
                    .setContext(context)));
      }
    }
  }

  /** The models that somebody lists himself. */
  private List<String> listed(String principal) {
    return site
        .as(principal)
        .listResources(ListResourcesRequest.newBuilder().setParent(PROD).setKind("model").build())
        .getResourcesList()
        .stream()
        .map(Resource::getName)
        .toList();
  }

  /** Those of them that he owns, as he reads it himself; the others are shared with him. */
  private List<String> mine(String principal) {
    return listed(principal).stream()
        .filter(
            model ->
                site.as(principal)
                        .listGrants(
                            ListGrantsRequest.newBuilder()
                                .setResource(model)
                                .setPrincipal(principal)
                                .setRole("owner")
                                .build())
                        .getGrantsCount()
                    == 1)
        .toList();
  }

  /** What somebody owns, as the platform reads it at once. */
  private List<String> owned(String principal) {
    return site
        .admin()
        .listGrants(
            ListGrantsRequest.newBuilder()
                .setOrganization(Site.ACME)
                .setPrincipal(principal)
                .setRole("owner")
                .build())
        .getGrantsList()
        .stream()
        .map(Grant::getResource)
        .sorted()
        .toList();
  }
}
