package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange.Mode;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.sharing.TypeRightChange;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.Rows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The profile {@code ai-builder} at work: security roles written as type rights, shares on top of
 * them, states of a model. Every hit is held against the reference evaluator.
 */
final class SecurityRoleTest {
  private static final PrincipalName MAKER = PrincipalName.parse("user:maker@acme.com");
  private static final PrincipalName BASIC = PrincipalName.parse("user:basic@acme.com");
  private static final PrincipalName ADMIN = PrincipalName.parse("user:admin@acme.com");
  private static final PrincipalName NOBODY = PrincipalName.parse("user:nobody@acme.com");
  private static final ResourceName PROD =
      ResourceName.parse("organizations/acme/environments/prod");
  private static final ResourceName FRAUD = ResourceName.parse(PROD + "/models/fraud");
  private static final ResourceName VERSION = ResourceName.parse(FRAUD + "/versions/1");
  private static final List<String> AI_TABLES = List.of("model", "version", "dataset");

  private final Bed bed = new Bed(new MemoryReplica(Rows::check), new Stamps(), new HandClock(), 1);

  @BeforeEach
  void begin() {
    accepted(bed.commit("system", new Command.RegisterOrganization("acme")));
    accepted(
        bed.commit(
            "acme",
            new Command.InitializeOrganization(
                "acme", "", "ai-builder", Optional.of(PrincipalName.parse("user:it@acme.com")))));
    List.of(MAKER, BASIC, ADMIN, NOBODY).forEach(name -> principal(name, UnitName.ROOT));
    create(PROD, "", "", Optional.empty());
    role(MAKER, "environment_maker", AI_TABLES, Depth.OWN);
    allow(MAKER, "environment", "environment_maker");
    role(BASIC, "basic_user", AI_TABLES, Depth.OWN);
    allow(BASIC, "environment", "basic_user");
    role(ADMIN, "system_administrator", AI_TABLES, Depth.ORGANIZATION);
    allow(ADMIN, "environment", "system_administrator");
    create(FRAUD, "", "", Optional.of(MAKER));
  }

  @AfterEach
  void end() {
    assertEquals(0, bed.counts().mismatches.sum(), "the reference says otherwise");
    bed.close();
  }

  /** F001, F003, F013. */
  @Test
  void stranger_hasNoPrivilegeAndAMakerNoGrant() {
    flags(FRAUD, Set.of("published"));
    assertEquals("PRIVILEGE", said(NOBODY, FRAUD, "predict"));
    assertEquals("NO_GRANT", said(BASIC, FRAUD, "predict"));
    assertEquals("ALLOW", said(MAKER, PROD, "create_model"));
    assertEquals("ACCESS", said(BASIC, PROD, "create_model"));
    assertEquals("NO_GRANT", said(NOBODY, PROD, "create_model"));
  }

  /** F002, F114: the owner may test a draft, and nobody else before it is published. */
  @Test
  void owner_ofADraft_doesEverything() {
    for (String action : List.of("get", "predict", "update", "delete", "share", "retrain")) {
      assertEquals("ALLOW", said(MAKER, FRAUD, action), action);
    }
    share(FRAUD, BASIC, "user");
    assertEquals("NOT_PUBLISHED", said(BASIC, FRAUD, "predict"));
    assertEquals("ALLOW", said(ADMIN, FRAUD, "predict"));
    flags(FRAUD, Set.of("published"));
    assertEquals("ALLOW", said(BASIC, FRAUD, "predict"));
  }

  /** F016 to F018, F023, F103, F141. */
  @Test
  void share_asUser_runsTheModelAndNoMore() {
    flags(FRAUD, Set.of("published"));
    share(FRAUD, BASIC, "user");
    share(FRAUD, NOBODY, "user");
    assertEquals("ALLOW", said(BASIC, FRAUD, "get_for_use"));
    assertEquals("ALLOW", said(BASIC, FRAUD, "predict"));
    assertEquals("ALLOW", said(BASIC, VERSION, "get_for_use"));
    for (String action : List.of("get", "edit", "retrain", "publish", "delete", "share")) {
      assertEquals("ACCESS", said(BASIC, FRAUD, action), action);
    }
    assertEquals("ACCESS", said(BASIC, FRAUD, "data.read"));
    assertEquals("PRIVILEGE", said(NOBODY, FRAUD, "predict"));
    role(NOBODY, "basic_user", AI_TABLES, Depth.OWN);
    assertEquals("ALLOW", said(NOBODY, FRAUD, "predict"), "the old share takes effect (F090)");
  }

  /** F006, F027. */
  @Test
  void data_ofAModel_comesWithACoOwnerAndItsContainerWithNobody() {
    ResourceName data = ResourceName.parse(PROD + "/datasets/d");
    create(data, "", "", Optional.of(ADMIN));
    share(FRAUD, BASIC, "co_owner");
    for (String action : List.of("edit", "retrain", "share", "data.read")) {
      assertEquals("ALLOW", said(BASIC, FRAUD, action), action);
    }
    assertEquals("ACCESS", said(BASIC, FRAUD, "delete"));
    assertEquals("NO_GRANT", said(BASIC, data, "read"));
    assertEquals("NO_GRANT", said(MAKER, data, "read"));
    share(data, MAKER, "user");
    assertEquals("ALLOW", said(MAKER, data, "read"));
  }

  /** F026, F031, F091: everywhere, and by unit. */
  @Test
  void depth_decidesHowFarASecurityRoleReaches() {
    assertEquals("ALLOW", said(ADMIN, FRAUD, "delete"));
    assertEquals("ALLOW", said(ADMIN, VERSION, "write"));
    PrincipalName local = PrincipalName.parse("user:local@acme.com");
    principal(local, new UnitName("eu"));
    role(local, "system_customizer", List.of("model", "version"), Depth.UNIT);
    ResourceName near = ResourceName.parse(PROD + "/models/near");
    ResourceName below = ResourceName.parse(PROD + "/models/below");
    create(near, "", "eu", Optional.of(ADMIN));
    create(below, "", "eu/sales", Optional.of(ADMIN));
    assertEquals("ALLOW", said(local, near, "edit"));
    assertEquals("ALLOW", said(local, ResourceName.parse(near + "/versions/1"), "edit"));
    assertEquals("NO_GRANT", said(local, below, "edit"));
    role(local, "system_customizer", List.of("model", "version"), Depth.SUBTREE);
    assertEquals("ALLOW", said(local, below, "edit"));
    assertEquals("NO_GRANT", said(local, FRAUD, "edit"));
  }

  /** F032: who may share by his unit may share the versions of what he shares. */
  @Test
  void share_withinTheDepthOfThePrivilege_isPossible() {
    PrincipalName local = PrincipalName.parse("user:local@acme.com");
    principal(local, new UnitName("eu"));
    role(local, "system_customizer", List.of("model", "version"), Depth.UNIT);
    ResourceName near = ResourceName.parse(PROD + "/models/near");
    create(near, "", "eu", Optional.of(ADMIN));
    Command toBasic = grant(near, BASIC, "user");
    accepted(bed.commit("acme", Requester.onBehalfOf(local), toBasic));
    assertEquals("ALLOW", said(BASIC, near, "get_for_use"));
    Refusal refusal =
        bed.commit("acme", Requester.onBehalfOf(local), grant(FRAUD, BASIC, "user")).orElseThrow();
    assertEquals(Fault.NOT_PERMITTED, refusal.fault());
  }

  /** F109, F110. */
  @Test
  void firstPublish_ofAPrediction_needsTheSchemaRight() {
    ResourceName model = typed("prediction");
    assertEquals("SCHEMA_RIGHT_REQUIRED", said(MAKER, model, "publish"));
    assertEquals("ALLOW", said(ADMIN, model, "publish"));
    flags(model, Set.of("published_once"));
    assertEquals("ALLOW", said(MAKER, model, "publish"));
  }

  /** F111, F112. */
  @Test
  void run_ofATextClassification_isACustomizersUnlessTheRerunIsLenient() {
    ResourceName model = typed("text_classification");
    share(model, BASIC, "user");
    flags(model, Set.of("published"));
    assertEquals("SCHEMA_RIGHT_REQUIRED", said(BASIC, model, "predict"));
    assertEquals("SCHEMA_RIGHT_REQUIRED", said(MAKER, model, "predict"));
    assertEquals("ALLOW", said(ADMIN, model, "predict"));
    flags(model, Set.of("published", "run_once"));
    assertEquals("CUSTOMIZER_REQUIRED", said(BASIC, model, "predict"));
    features(Map.of("strict_rerun", false));
    assertEquals("ALLOW", said(BASIC, model, "predict"));
  }

  /** F115. */
  @Test
  void feature_switchedOff_leavesDeleteOnly() {
    ResourceName model = typed("object_detection");
    features(Map.of("object_detection", false));
    for (PrincipalName who : List.of(MAKER, ADMIN)) {
      assertEquals("FEATURE_OFF", said(who, model, "get"));
      assertEquals("FEATURE_OFF", said(who, model, "share"));
      assertEquals("ALLOW", said(who, model, "delete"));
    }
    assertEquals("ALLOW", said(MAKER, FRAUD, "get"));
    features(Map.of());
    assertEquals("ALLOW", said(MAKER, model, "get"));
  }

  /** F059, F060. */
  @Test
  void groups_bySubtype_ownAndReceiveAndHaveRoles() {
    group("group:access", PrincipalRow.GroupType.ACCESS);
    group("group:managed", PrincipalRow.GroupType.SYSTEM_MANAGED_ACCESS);
    group("group:owners", PrincipalRow.GroupType.OWNER);
    for (String team : List.of("group:access", "group:managed")) {
      PrincipalName name = PrincipalName.parse(team);
      assertEquals(
          Fault.KIND_NOT_ALLOWED,
          bed.commit("acme", right(name, "model", "basic_user", Depth.OWN, EFFECTS))
              .orElseThrow()
              .fault());
    }
    accepted(bed.commit("acme", grant(FRAUD, PrincipalName.parse("group:access"), "user")));
    assertEquals(
        Fault.KIND_NOT_ALLOWED,
        bed.commit("acme", grant(FRAUD, PrincipalName.parse("group:managed"), "user"))
            .orElseThrow()
            .fault());
    accepted(
        bed.commit(
            "acme",
            right(PrincipalName.parse("group:owners"), "model", "basic_user", Depth.OWN, EFFECTS)));
  }

  /** F021, F113. */
  @Test
  void applicationAndTable_areSharedByThemselves() {
    ResourceName app = ResourceName.parse(PROD + "/applications/claims");
    ResourceName table = ResourceName.parse(PROD + "/tables/results");
    create(app, "", "", Optional.of(MAKER));
    create(table, "", "", Optional.of(ADMIN));
    share(app, BASIC, "user");
    assertEquals("ALLOW", said(BASIC, app, "launch"));
    assertEquals("NO_GRANT", said(BASIC, FRAUD, "predict"));
    assertEquals("NO_GRANT", said(BASIC, table, "read"));
    share(table, BASIC, "user");
    assertEquals("ALLOW", said(BASIC, table, "read"));
  }

  private static final Set<Effect> EFFECTS = Set.of(Effect.REQUIRES, Effect.ALLOWS);

  private void role(PrincipalName holder, String role, List<String> kinds, Depth depth) {
    kinds.forEach(kind -> accepted(bed.commit("acme", right(holder, kind, role, depth, EFFECTS))));
  }

  private void allow(PrincipalName holder, String kind, String role) {
    accepted(
        bed.commit("acme", right(holder, kind, role, Depth.ORGANIZATION, Set.of(Effect.ALLOWS))));
  }

  private static Command right(
      PrincipalName holder, String kind, String role, Depth depth, Set<Effect> effects) {
    return new Command.UpdateTypeRights(
        List.of(
            new TypeRightChange(
                Mode.SET, holder, kind, role, List.of(), Optional.of(depth), effects)),
        "");
  }

  private ResourceName typed(String type) {
    ResourceName name = ResourceName.parse(PROD + "/models/" + type.replace("_", "-"));
    create(name, type, "", Optional.of(MAKER));
    return name;
  }

  private void create(ResourceName name, String type, String unit, Optional<PrincipalName> owner) {
    var attributes = new ResourceRow.Attributes("", Map.of(), type, new UnitName(unit), Set.of());
    accepted(bed.commit("acme", new Command.CreateResource(name, attributes, owner)));
  }

  private void principal(PrincipalName name, UnitName unit) {
    accepted(
        bed.commit(
            "acme",
            new Command.PutPrincipal(
                name, Optional.empty(), Optional.empty(), "", Optional.of(unit), "", false)));
  }

  private void group(String name, PrincipalRow.GroupType type) {
    accepted(
        bed.commit(
            "acme",
            new Command.PutPrincipal(
                PrincipalName.parse(name), Optional.empty(), Optional.of(type), "", "", false)));
  }

  private void flags(ResourceName name, Set<String> flags) {
    accepted(
        bed.commit(
            "acme",
            new Command.UpdateResource(
                name,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(flags),
                "")));
  }

  private void features(Map<String, Boolean> features) {
    accepted(
        bed.commit(
            "acme", new Command.UpdateOrganization(Optional.empty(), Optional.of(features), "")));
  }

  private void share(ResourceName name, PrincipalName to, String role) {
    accepted(bed.commit("acme", grant(name, to, role)));
  }

  private static Command grant(ResourceName name, PrincipalName to, String role) {
    var change =
        new Command.GrantChange(Mode.MERGE, to, role, List.of(), false, false, 0, Micros.NEVER, "");
    return new Command.UpdateGrants(name, List.of(change), "");
  }

  private String said(PrincipalName principal, ResourceName resource, String action) {
    Question question =
        new Question(
            principal.toString(), resource.toString(), action, List.of(), Consistency.CURRENT);
    bed.ask(question);
    var answer = bed.ask(question);
    return answer.allowed() ? "ALLOW" : answer.reason();
  }

  private static void accepted(Optional<Refusal> refusal) {
    assertEquals(Optional.empty(), refusal);
  }
}
