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
import dev.modelgate.v1.MembershipChange.Operation;
import dev.modelgate.v1.Principal.GroupSubtype;
import dev.modelgate.v1.TypeRight.Depth;
import dev.modelgate.v1.TypeRight.Effect;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** AI Builder: shares with the organization and with the four kinds of team. */
final class AiBuilderTeamRowsTest {
  private static final String TEAM = "group:team";
  private static final String NEW = PROD + "/models/new";

  private final AiBuilderSite bed = new AiBuilderSite();
  private final Site site = bed.site;

  @BeforeEach
  void begin() {
    bed.published(MODEL, MAKER);
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F052")
  void organizationShare_reachesEveryUserWithThePrivilege() {
    site.share(site.as(MAKER), MODEL, "organization:acme", "user");
    site.assertAllowed(BASIC, MODEL, "predict", "get_for_use");
    site.assertAllowed(OTHER_MAKER, MODEL, "predict");
    site.assertChecks("PRIVILEGE", NOBODY, MODEL, "predict");
    site.assertChecks("PRINCIPAL_UNKNOWN", "user:stranger@else.com", MODEL, "predict");
    site.assertChecks("ACCESS", BASIC, MODEL, "edit");
    bed.published(NEW, MAKER);
    site.assertChecks("NO_GRANT", BASIC, NEW, "predict");
  }

  @Test
  @Row("F058")
  void directoryTeam_whoseMembersChange_countsAtTheNextCheck() {
    team(GroupSubtype.GROUP_SUBTYPE_DIRECTORY);
    site.share(site.as(MAKER), MODEL, TEAM, "user");
    var grants = site.grants(MODEL);
    site.assertChecks("NO_GRANT", BASIC, MODEL, "predict");
    site.member(Operation.OPERATION_ADD, TEAM, BASIC);
    site.assertAllowed(BASIC, MODEL, "predict");
    site.assertChecks("NO_GRANT", OTHER_MAKER, MODEL, "predict");
    site.member(Operation.OPERATION_REMOVE, TEAM, BASIC);
    site.assertChecks("NO_GRANT", BASIC, MODEL, "predict");
    assertEquals(grants, site.grants(MODEL));
  }

  @Test
  @Row("F058")
  void directoryTeam_withASecurityRole_givesItToWhoeverIsInIt() {
    team(GroupSubtype.GROUP_SUBTYPE_DIRECTORY);
    bed.role(TEAM, "basic_user", Depth.DEPTH_OWN);
    site.share(site.as(MAKER), MODEL, NOBODY, "user");
    site.assertChecks("PRIVILEGE", NOBODY, MODEL, "predict");
    site.member(Operation.OPERATION_ADD, TEAM, NOBODY);
    site.assertAllowed(NOBODY, MODEL, "predict");
    site.member(Operation.OPERATION_REMOVE, TEAM, NOBODY);
    site.assertChecks("PRIVILEGE", NOBODY, MODEL, "predict");
  }

  @Test
  @Row("F059")
  void accessTeam_ownsNothingAndHasNoRole_andReceives() {
    team(GroupSubtype.GROUP_SUBTYPE_ACCESS);
    assertOwnsNothingAndHasNoRole();
    site.member(Operation.OPERATION_ADD, TEAM, BASIC);
    site.share(site.as(MAKER), MODEL, TEAM, "user");
    site.assertAllowed(BASIC, MODEL, "predict");
    assertEquals(List.of("user"), site.roles(MODEL, TEAM));
  }

  @Test
  @Row("F059")
  void ownerTeam_ownsAndHasARole() {
    team(GroupSubtype.GROUP_SUBTYPE_OWNER);
    site.member(Operation.OPERATION_ADD, TEAM, NOBODY);
    bed.role(TEAM, "basic_user", Depth.DEPTH_OWN);
    site.resource(NEW, TEAM);
    site.transfer(site.as(ADMIN), MODEL, MAKER, TEAM, "");
    site.assertAllowed(NOBODY, MODEL, "edit", "delete");
    site.assertAllowed(NOBODY, NEW, "edit", "delete");
  }

  @Test
  @Row("F060")
  void systemManagedAccessTeam_receivesNothingEither() {
    team(GroupSubtype.GROUP_SUBTYPE_SYSTEM_MANAGED_ACCESS);
    assertOwnsNothingAndHasNoRole();
    for (String actor : List.of(MAKER, ADMIN)) {
      var info =
          Site.refused(
              Fault.KIND_NOT_ALLOWED, () -> site.share(site.as(actor), MODEL, TEAM, "user"));
      assertEquals("principal", info.getMetadataOrThrow("field"));
      assertEquals(TEAM, info.getMetadataOrThrow("value"));
    }
    assertEquals(List.of(), site.roles(MODEL, TEAM));
  }

  private void assertOwnsNothingAndHasNoRole() {
    var owner = Site.refused(Fault.KIND_NOT_ALLOWED, () -> site.resource(NEW, TEAM));
    assertEquals("owner", owner.getMetadataOrThrow("field"));
    assertEquals(TEAM, owner.getMetadataOrThrow("value"));
    Site.refused(
        Fault.KIND_NOT_ALLOWED, () -> site.transfer(site.as(ADMIN), MODEL, MAKER, TEAM, ""));
    assertEquals(List.of("owner"), site.roles(MODEL, MAKER));
    var holder =
        Site.refused(
            Fault.KIND_NOT_ALLOWED,
            () ->
                site.right(
                    TEAM,
                    "model",
                    "basic_user",
                    Depth.DEPTH_OWN,
                    Effect.EFFECT_REQUIRES,
                    Effect.EFFECT_ALLOWS));
    assertEquals(TEAM, holder.getMetadataOrThrow("value"));
  }

  private void team(GroupSubtype subtype) {
    site.put(TEAM, request -> request.setGroupSubtype(subtype));
  }
}
