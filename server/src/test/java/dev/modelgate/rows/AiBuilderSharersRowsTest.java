package dev.modelgate.rows;

import static dev.modelgate.rows.AiBuilderSite.ADMIN;
import static dev.modelgate.rows.AiBuilderSite.BASIC;
import static dev.modelgate.rows.AiBuilderSite.MAKER;
import static dev.modelgate.rows.AiBuilderSite.MODEL;
import static dev.modelgate.rows.AiBuilderSite.NOBODY;
import static dev.modelgate.rows.AiBuilderSite.OTHER_MAKER;
import static dev.modelgate.rows.AiBuilderSite.PROD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.TypeRight.Depth;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** AI Builder: who may share a model, and who sees with whom it is shared. */
final class AiBuilderSharersRowsTest {
  private static final String CUSTOM = "user:custom@acme.com";
  private static final String NEAR = PROD + "/models/near";
  private static final String[] MAY_SHARE = {"list", "get_use", "predict", "share"};

  private final AiBuilderSite bed = new AiBuilderSite();
  private final Site site = bed.site;

  @BeforeEach
  void begin() {
    bed.published(MODEL, MAKER);
    bed.user(CUSTOM, "eu");
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F030")
  void share_byWhoHasNoRightToIt_isRefusedAndChangesNothing() {
    site.share(site.as(MAKER), MODEL, OTHER_MAKER, "user");
    List<Grant> before = site.grants(MODEL);
    refusedToShare(NOBODY, MODEL, "PRIVILEGE");
    refusedToShare(BASIC, MODEL, "NO_GRANT");
    refusedToShare(OTHER_MAKER, MODEL, "ACCESS");
    Site.refused(Fault.NOT_PERMITTED, () -> site.revoke(site.as(BASIC), MODEL, OTHER_MAKER));
    assertEquals(before, site.grants(MODEL));

    site.share(site.as(MAKER), MODEL, OTHER_MAKER, "co_owner");
    site.share(site.as(OTHER_MAKER), MODEL, CUSTOM, "user");
    assertEquals(List.of("user"), site.roles(MODEL, CUSTOM));
  }

  @Test
  @Row("F031")
  void administrator_sharesWhatHeDoesNotOwn() {
    assertEquals(List.of(), site.roles(MODEL, ADMIN));
    site.share(site.as(ADMIN), MODEL, BASIC, "user");
    site.assertAllowed(BASIC, MODEL, "predict");
    site.share(site.as(ADMIN), MODEL, OTHER_MAKER, "co_owner");
    site.assertAllowed(OTHER_MAKER, MODEL, "edit", "share");
    refusedToShare(BASIC, MODEL, "ACCESS");
  }

  @Test
  @Row("F032")
  void sharePrivilege_ofACustomRole_reachesAsFarAsItsDepth() {
    bed.user("user:eu@acme.com", "eu");
    bed.published(NEAR, "user:eu@acme.com");
    bed.custom(CUSTOM, "model", Depth.DEPTH_UNIT, "list", "get_use", "predict");
    bed.custom(CUSTOM, "version", Depth.DEPTH_UNIT, "list", "get_use", "predict");
    refusedToShare(CUSTOM, NEAR, "PRIVILEGE");

    bed.custom(CUSTOM, "model", Depth.DEPTH_UNIT, MAY_SHARE);
    bed.custom(CUSTOM, "version", Depth.DEPTH_UNIT, MAY_SHARE);
    site.share(site.as(CUSTOM), NEAR, BASIC, "user");
    site.assertAllowed(BASIC, NEAR, "predict");
    refusedToShare(CUSTOM, MODEL, "NO_GRANT");
    Site.refused(
        Fault.CAP_EXCEEDED, () -> site.share(site.as(CUSTOM), NEAR, OTHER_MAKER, "co_owner"));

    bed.custom(CUSTOM, "model", Depth.DEPTH_ORGANIZATION, MAY_SHARE);
    bed.custom(CUSTOM, "version", Depth.DEPTH_ORGANIZATION, MAY_SHARE);
    site.share(site.as(CUSTOM), MODEL, BASIC, "user");
    site.assertAllowed(BASIC, MODEL, "predict");
  }

  /** What one has by another way is not shared on by a bare right to share (hazard 29). */
  @Test
  @Row("F032")
  void shareRight_givenAlone_sharesNothingThatItDoesNotGive() {
    bed.custom(CUSTOM, "model", Depth.DEPTH_ORGANIZATION, "list", "get_use", "predict");
    bed.custom(CUSTOM, "version", Depth.DEPTH_ORGANIZATION, "list", "get_use", "predict");
    masked(CUSTOM, "share");
    refusedToShare(CUSTOM, MODEL, "PRIVILEGE");
    bed.custom(OTHER_MAKER, "model", Depth.DEPTH_OWN, MAY_SHARE);
    masked(OTHER_MAKER, "share");
    Site.refused(Fault.CAP_EXCEEDED, () -> site.share(site.as(OTHER_MAKER), MODEL, BASIC, "user"));
    masked(OTHER_MAKER, MAY_SHARE);
    site.share(site.as(OTHER_MAKER), MODEL, BASIC, "user");
    site.assertAllowed(BASIC, MODEL, "predict");
  }

  @Test
  @Row("F033")
  void owner_withoutTheSharePrivilege_doesNotShareHisOwnModel() {
    String[] without = {
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
      "data.read"
    };
    bed.custom(MAKER, "model", Depth.DEPTH_OWN, without);
    refusedToShare(MAKER, MODEL, "PRIVILEGE");
    assertEquals(List.of(), site.roles(MODEL, BASIC));
    site.assertAllowed(MAKER, MODEL, "edit", "publish", "delete");
    bed.role(MAKER, "environment_maker", Depth.DEPTH_OWN);
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.assertAllowed(BASIC, MODEL, "predict");
  }

  @Test
  @Row("F043")
  void reader_whoMayNotShare_seesWithWhomItIsShared() {
    site.share(site.as(MAKER), MODEL, BASIC, "user");
    site.share(site.as(MAKER), MODEL, CUSTOM, "co_owner");
    assertEquals(site.grants(MODEL), listedBy(BASIC));
    assertEquals(3, listedBy(BASIC).size());
    refusedToShare(BASIC, MODEL, "ACCESS");
    assertEquals(
        Map.of(
            "actor", OTHER_MAKER, "permission", "get_use", "resource", MODEL, "denial", "NO_GRANT"),
        Site.refused(Fault.NOT_PERMITTED, () -> listedBy(OTHER_MAKER)).getMetadataMap());
    assertEquals(
        "PRIVILEGE",
        Site.refused(Fault.NOT_PERMITTED, () -> listedBy(CUSTOM)).getMetadataOrThrow("denial"));
  }

  private List<Grant> listedBy(String principal) {
    return site.as(principal)
        .listGrants(ListGrantsRequest.newBuilder().setResource(MODEL).build())
        .getGrantsList();
  }

  private void masked(String principal, String... permissions) {
    site.grant(
        site.as(ADMIN),
        MODEL,
        GrantChange.newBuilder()
            .setMode(GrantChange.Mode.MODE_SET)
            .setPrincipal(principal)
            .setPermissions(Permissions.newBuilder().addAllPermissions(List.of(permissions))));
  }

  private void refusedToShare(String actor, String model, String denial) {
    var info =
        Site.refused(Fault.NOT_PERMITTED, () -> site.share(site.as(actor), model, CUSTOM, "user"));
    assertEquals(
        Map.of("actor", actor, "permission", "share", "resource", model, "denial", denial),
        info.getMetadataMap());
  }
}
