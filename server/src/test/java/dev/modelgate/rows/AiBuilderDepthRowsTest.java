package dev.modelgate.rows;

import static dev.modelgate.rows.AiBuilderSite.ADMIN;
import static dev.modelgate.rows.AiBuilderSite.CUSTOMIZER;
import static dev.modelgate.rows.AiBuilderSite.MAKER;
import static dev.modelgate.rows.AiBuilderSite.MODEL;
import static dev.modelgate.rows.AiBuilderSite.PROD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.FieldMask;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.DenyRuleChange;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.TypeRight.Depth;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import dev.modelgate.v1.UpdateResourceRequest;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * AI Builder: how far the depth of a security role reaches over the tree of business units {@code
 * eu}, {@code eu/sales} and {@code us}.
 */
final class AiBuilderDepthRowsTest {
  private static final String LOCAL = "user:local@acme.com";
  private static final String IN_EU = "user:eu@acme.com";
  private static final String IN_SALES = "user:sales@acme.com";
  private static final String IN_US = "user:us@acme.com";
  private static final String TEAM = "group:team";

  private final AiBuilderSite bed = new AiBuilderSite();
  private final Site site = bed.site;

  @BeforeEach
  void begin() {
    bed.user(LOCAL, "eu");
    bed.user(IN_EU, "eu");
    bed.user(IN_SALES, "eu/sales");
    bed.user(IN_US, "us");
    site.group(TEAM, LOCAL);
    for (String owner : List.of(LOCAL, IN_EU, IN_SALES, IN_US)) {
      bed.published(model(owner), owner);
    }
    bed.published(PROD + "/models/root", MAKER);
    bed.published(PROD + "/models/team", TEAM);
    bed.published(PROD + "/models/shared", IN_US);
    site.share(PROD + "/models/shared", LOCAL, "co_owner");
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F091")
  void basicDepth_reachesOnlyOwnTeamOwnedAndShared() {
    bed.role(LOCAL, "basic_user", Depth.DEPTH_OWN);
    assertReaches("local", "team", "shared");
  }

  @Test
  @Row("F091")
  void localDepth_reachesTheSameUnitAndNotTheOnesBelowOrBeside() {
    bed.role(LOCAL, "basic_user", Depth.DEPTH_UNIT);
    assertReaches("local", "team", "shared", "eu");
  }

  @Test
  @Row("F091")
  void deepDepth_reachesTheUnitsBelow() {
    bed.role(LOCAL, "basic_user", Depth.DEPTH_SUBTREE);
    assertReaches("local", "team", "shared", "eu", "sales");
  }

  @Test
  @Row("F091")
  void globalDepth_reachesTheWholeOrganization() {
    bed.role(LOCAL, "basic_user", Depth.DEPTH_ORGANIZATION);
    assertReaches("local", "team", "shared", "eu", "sales", "us", "root");
  }

  @Test
  @Row("F092")
  void record_isHiddenFromABroadRoleByNothingButADenyRule() {
    bed.published(MODEL, MAKER);
    Site.refused(Fault.NOTHING_TO_REMOVE, () -> site.revoke(site.as(MAKER), MODEL, CUSTOMIZER));
    site.share(site.as(MAKER), MODEL, CUSTOMIZER, "user");
    site.assertAllowed(CUSTOMIZER, MODEL, "edit", "delete", "get");
    site.revoke(site.as(MAKER), MODEL, CUSTOMIZER);
    moveTo("us");
    site.assertAllowed(CUSTOMIZER, MODEL, "edit", "delete", "get");

    deniedToDeny(MAKER);
    deny(ADMIN, DenyRuleChange.Operation.OPERATION_PUT);
    site.assertChecks("DENY_RULE", CUSTOMIZER, MODEL, "edit", "delete", "get", "predict");
    site.assertAllowed(CUSTOMIZER, model(IN_US), "edit");
    site.assertAllowed(MAKER, MODEL, "edit");
    site.assertAllowed(ADMIN, MODEL, "edit");
    deny(ADMIN, DenyRuleChange.Operation.OPERATION_DELETE);
    site.assertAllowed(CUSTOMIZER, MODEL, "edit", "delete", "get");
  }

  /** Asserts which of all models the role allows, by Check and by the listing. */
  private void assertReaches(String... models) {
    Set<String> reached = new TreeSet<>();
    for (String id : models) {
      reached.add(PROD + "/models/" + id);
    }
    for (String id : List.of("local", "team", "shared", "eu", "sales", "us", "root")) {
      String name = PROD + "/models/" + id;
      String expected = reached.contains(name) ? "ALLOW" : "NO_GRANT";
      site.assertChecks(expected, LOCAL, name, "predict", "edit");
      site.assertChecks(expected, LOCAL, name + "/versions/1", "get_for_use", "predict");
    }
    assertEquals(List.copyOf(reached), site.lookup(LOCAL, "edit", PROD, "model"));
  }

  private void moveTo(String unit) {
    site.as(MAKER)
        .updateResource(
            UpdateResourceRequest.newBuilder()
                .setResource(Resource.newBuilder().setName(MODEL).setUnit(unit))
                .setUpdateMask(FieldMask.newBuilder().addPaths("unit"))
                .build());
  }

  private void deniedToDeny(String actor) {
    Site.refused(Fault.NOT_PERMITTED, () -> deny(actor, DenyRuleChange.Operation.OPERATION_PUT));
  }

  private void deny(String actor, DenyRuleChange.Operation operation) {
    DenyRule.Builder rule = DenyRule.newBuilder().setId("hidden");
    if (operation == DenyRuleChange.Operation.OPERATION_PUT) {
      rule.addPrincipals(CUSTOMIZER)
          .addAllPermissions(List.of("list", "get_use", "get_detail", "predict", "write", "delete"))
          .setResource(MODEL);
    }
    site.as(actor)
        .updateDenyRules(
            UpdateDenyRulesRequest.newBuilder()
                .setOrganization(Site.ACME)
                .addChanges(DenyRuleChange.newBuilder().setOperation(operation).setRule(rule))
                .build());
  }

  private static String model(String owner) {
    return PROD + "/models/" + owner.substring("user:".length(), owner.indexOf('@'));
  }
}
