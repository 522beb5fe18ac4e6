package dev.modelgate.client.cli;

import static dev.modelgate.client.cli.CliBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.DenyRuleChange;
import dev.modelgate.v1.ListDenyRulesRequest;
import dev.modelgate.v1.ListGrantableRolesRequest;
import dev.modelgate.v1.ListTypeRightsRequest;
import dev.modelgate.v1.TypeRight;
import dev.modelgate.v1.TypeRightChange;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** rights, deny-rule and roles: what they send and what they show. */
final class TypeLayerCommandsTest {
  private static final String ACME = "organizations/acme";

  @TempDir Path data;

  private CliBed bed = new CliBed(Path.of("."));

  @BeforeEach
  void start() {
    bed = new CliBed(data);
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void rightsSet_full_sendsOneSet() throws Exception {
    Run run =
        admin(
            "rights set organizations/acme --principal group:risk --kind model --role user"
                + " --effect requires --effect allows --depth subtree --etag e1 --reason why"
                + " --request-id id-1");
    assertEquals(new Run(0, "set rights of group:risk for model at revision r7\n", ""), run);
    UpdateTypeRightsRequest request = rights(0);
    assertEquals(ACME, request.getOrganization());
    assertEquals("e1", request.getEtag());
    assertEquals("why", request.getReason());
    assertEquals("id-1", request.getRequestId());
    TypeRightChange change = request.getChanges(0);
    assertEquals(TypeRightChange.Mode.MODE_SET, change.getMode());
    assertEquals("user", change.getRole());
    assertEquals(TypeRight.Depth.DEPTH_SUBTREE, change.getDepth());
    assertEquals(
        List.of(TypeRight.Effect.EFFECT_REQUIRES, TypeRight.Effect.EFFECT_ALLOWS),
        change.getEffectsList());
  }

  @Test
  void rightsSet_emptyCeilingBesideOthers_hasNoPermissions() throws Exception {
    admin(
        "rights set organizations/acme --principal group:risk --kind model --no-permissions"
            + " --effect bounds --merge");
    TypeRightChange change = rights(0).getChanges(0);
    assertEquals(TypeRightChange.Mode.MODE_MERGE, change.getMode());
    assertTrue(change.hasPermissions());
    assertEquals(0, change.getPermissions().getPermissionsCount());
    assertEquals(TypeRight.Depth.DEPTH_UNSPECIFIED, change.getDepth());
  }

  @Test
  void rightsSet_singlePermissions_areSent() throws Exception {
    admin(
        "rights set organizations/acme --principal group:risk --kind model"
            + " --permissions models.get,models.predict --effect requires");
    assertEquals(
        List.of("models.get", "models.predict"),
        rights(0).getChanges(0).getPermissions().getPermissionsList());
  }

  @Test
  void rightsSet_usageErrors_sendNothing() throws Exception {
    String set = "rights set organizations/acme --principal group:risk --kind model ";
    assertUsage(
        "expected: --role, --permissions or --no-permissions", admin(set + "--effect bounds"));
    assertUsage(
        "expected: --role, --permissions or --no-permissions",
        admin(set + "--effect bounds --role user --no-permissions"));
    assertUsage("missing --effect", admin(set + "--role user"));
    assertUsage("--effect", admin(set + "--role user --effect nonsense"));
    assertUsage("--kind", admin("rights set organizations/acme --principal a --role user"));
    assertUsage("missing command (expected: list, remove, set)", bed.run("rights"));
  }

  @Test
  void rightsRemove_withoutEffect_removesAllOfTheKind() throws Exception {
    Run run = admin("rights remove organizations/acme --principal group:risk --kind model");
    assertEquals(new Run(0, "removed rights of group:risk for model at revision r7\n", ""), run);
    TypeRightChange change = rights(0).getChanges(0);
    assertEquals(TypeRightChange.Mode.MODE_REMOVE, change.getMode());
    assertEquals(0, change.getEffectsCount());
    assertFalse(rights(0).getRequestId().isEmpty());
    admin(
        "rights remove organizations/acme --principal group:risk --kind model --effect allows"
            + " --depth own");
    assertEquals(TypeRight.Depth.DEPTH_OWN, rights(1).getChanges(0).getDepth());
  }

  @Test
  void rightsList_severalPages_areOneTable() throws Exception {
    Run run = admin("rights list organizations/acme --principal group:risk --kind model");
    assertEquals(
        """
        PRINCIPAL   KIND   EFFECTS          DEPTH         PERMISSIONS                BY
        group:risk  model  requires,allows  subtree       models.get,models.predict  systemAdministrator
        user:u1     model  bounds           organization                             systemAdministrator
        """,
        run.out());
    ListTypeRightsRequest second = (ListTypeRightsRequest) bed.admin.requests.get(1);
    assertEquals("2", second.getPageToken());
    assertEquals("group:risk", second.getPrincipal());
    assertEquals("model", second.getKind());
  }

  @Test
  void denyRulePut_full_sendsTheRule() throws Exception {
    Run run =
        admin(
            "deny-rule put organizations/acme freeze --principal user:a,user:b"
                + " --permission models.predict --except group:oncall --condition context.a"
                + " --description d --resource organizations/acme/models/fraud --etag e1"
                + " --reason why");
    assertEquals(new Run(0, "put deny rule freeze at revision r7\n", ""), run);
    assertEquals("why", rules(0).getReason());
    DenyRuleChange change = rules(0).getChanges(0);
    assertEquals(DenyRuleChange.Operation.OPERATION_PUT, change.getOperation());
    assertEquals("freeze", change.getRule().getId());
    assertEquals(List.of("user:a", "user:b"), change.getRule().getPrincipalsList());
    assertEquals(List.of("models.predict"), change.getRule().getPermissionsList());
    assertEquals(List.of("group:oncall"), change.getRule().getExceptionsList());
    assertEquals("context.a", change.getRule().getCondition());
    assertEquals("d", change.getRule().getDescription());
    assertEquals(FRAUD, change.getRule().getResource());
    assertEquals("e1", change.getRule().getEtag());
  }

  @Test
  void denyRulePut_withoutResource_standsOnTheOrganization() throws Exception {
    admin("deny-rule put organizations/acme freeze --principal user:a --permission p");
    assertEquals(ACME, rules(0).getChanges(0).getRule().getResource());
    assertUsage(
        "--permission", admin("deny-rule put organizations/acme freeze --principal user:a"));
  }

  @Test
  void denyRuleDelete_withEtag_isSent() throws Exception {
    Run run = admin("deny-rule delete organizations/acme freeze --etag e1");
    assertEquals(new Run(0, "deleted deny rule freeze at revision r7\n", ""), run);
    DenyRuleChange change = rules(0).getChanges(0);
    assertEquals(DenyRuleChange.Operation.OPERATION_DELETE, change.getOperation());
    assertEquals("freeze", change.getRule().getId());
    assertEquals("e1", change.getRule().getEtag());
    assertUsage("ID", admin("deny-rule delete organizations/acme"));
  }

  @Test
  void denyRuleList_severalPages_areOneTable() throws Exception {
    Run run =
        admin(
            "deny-rule list organizations/acme --resource organizations/acme --principal user:u0");
    assertEquals(
        """
        ID      RESOURCE            DENIES          TO       BUT NOT       CONDITION  DESCRIPTION  ETAG
        freeze  organizations/acme  models.predict  user:u0  group:oncall                          e
        late    organizations/acme  models.predict  user:u0  group:oncall                          e
        """,
        run.out());
    ListDenyRulesRequest second = (ListDenyRulesRequest) bed.admin.requests.get(1);
    assertEquals("2", second.getPageToken());
    assertEquals(ACME, second.getResource());
    assertEquals("user:u0", second.getPrincipal());
  }

  @Test
  void roles_severalPages_areOneTable() throws Exception {
    Run run = admin("roles organizations/acme/models/fraud --all --on-behalf-of user:ben");
    assertEquals(
        """
        ROLE   RANK  GRANTABLE  FLAGS    PERMISSIONS
        owner  40    no         owner    models.get
        user   20    yes        default  models.get
        """,
        run.out());
    ListGrantableRolesRequest second = (ListGrantableRolesRequest) bed.admin.requests.get(1);
    assertEquals(FRAUD, second.getResource());
    assertTrue(second.getIncludeOthers());
    assertEquals("user:ben", bed.lastHeader("x-modelgate-on-behalf-of"));
    assertUsage("RESOURCE", admin("roles"));
  }

  @Test
  void list_limit_stopsAndSaysSo() throws Exception {
    record Row(String line, String things) {}
    for (Row row :
        List.of(
            new Row("rights list organizations/acme", "rights"),
            new Row("deny-rule list organizations/acme", "deny rules"),
            new Row("roles organizations/acme/models/fraud", "roles"))) {
      Run run = admin(row.line() + " --limit 1");
      assertEquals(0, run.exitCode());
      assertEquals(2, run.out().lines().count());
      assertEquals("more than 1 " + row.things() + "; see --limit\n", run.err());
      Run json = admin(row.line() + " --limit 1 --output json");
      assertEquals("", json.err());
      assertTrue(json.out().contains("\"nextPageToken\": \"2\""), json.out());
      assertUsage("--limit: `0` (expected: 1..100000)", admin(row.line() + " --limit 0"));
    }
  }

  @Test
  void command_refused_exitsTwoAndNamesTheField() throws Exception {
    for (String line :
        List.of(
            "rights list organizations/acme",
            "rights set organizations/acme --principal x --kind k --role r --effect allows",
            "rights remove organizations/acme --principal x --kind k",
            "deny-rule list organizations/acme",
            "deny-rule put organizations/acme i --principal x --permission p",
            "deny-rule delete organizations/acme i",
            "roles organizations/acme/models/fraud")) {
      bed.admin.failures.add(CliBed.invalid());
      assertEquals(
          new Run(
              2,
              "",
              """
              error: principal is malformed
              reason: INVALID_FIELD
              field principal: expected a kind
              """),
          admin(line),
          line);
    }
  }

  private Run admin(String line) throws Exception {
    return bed.admin(line.split(" "));
  }

  /** Nothing is printed as a result, and the error names what is wrong. */
  private static void assertUsage(String expected, Run run) {
    assertEquals(2, run.exitCode());
    assertEquals("", run.out());
    assertTrue(run.err().startsWith("error: ") && run.err().contains(expected), run.err());
  }

  private UpdateTypeRightsRequest rights(int index) {
    return (UpdateTypeRightsRequest) bed.admin.requests.get(index);
  }

  private UpdateDenyRulesRequest rules(int index) {
    return (UpdateDenyRulesRequest) bed.admin.requests.get(index);
  }
}
