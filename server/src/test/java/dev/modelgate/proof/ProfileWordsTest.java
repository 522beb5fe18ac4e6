package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.query.LookupContext;
import dev.modelgate.app.query.ResourceQuery;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange.Mode;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.Rows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What single words of the built-in profiles do to Checks and grants, held against the rows. */
final class ProfileWordsTest {
  private static final PrincipalName ANA = PrincipalName.parse("user:ana@acme.com");
  private static final PrincipalName BEN = PrincipalName.parse("user:ben@acme.com");
  private static final ResourceName ORG = ResourceName.ofOrganization("acme");

  private final Bed bed = new Bed(new MemoryReplica(Rows::check), new Stamps(), new HandClock(), 0);

  @AfterEach
  void end() {
    bed.close();
  }

  /** F037, F038: where can_share is honoured, the right to share comes with it only. */
  @Test
  void share_withoutCanShare_isNotGiven() {
    datarobot();
    ResourceName dataset = created("datasets/d");
    share(dataset, BEN, "editor", false);
    assertEquals("ACCESS", reason(BEN, dataset, "share"));
    share(dataset, BEN, "consumer", true);
    assertTrue(allowed(BEN, dataset, "share"));
  }

  /** F041: also an owner's. */
  @Test
  void share_ofAnOwnerWithoutCanShare_isNotGivenOnDataKinds() {
    datarobot();
    ResourceName dataset = created("datasets/d");
    share(dataset, BEN, "owner", false);
    assertEquals("ACCESS", reason(BEN, dataset, "share"));
    assertTrue(allowed(BEN, dataset, "delete"));
  }

  /** F039: where it is not honoured the role alone decides. */
  @Test
  void share_onAKindWithoutCanShare_isTheRoles() {
    datarobot();
    ResourceName project = created("projects/p");
    share(project, BEN, "user", false);
    assertTrue(allowed(BEN, project, "share"));
    set(project, BEN, "consumer", true);
    assertEquals("ACCESS", reason(BEN, project, "share"));
  }

  /** F080, F081. */
  @Test
  void data_withoutCanUseData_isTheOwnersOnly() {
    datarobot();
    ResourceName dataset = created("datasets/d");
    share(dataset, BEN, "consumer", false);
    assertTrue(allowed(BEN, dataset, "view"));
    assertEquals("ACCESS", reason(BEN, dataset, "download"));
    set(dataset, BEN, "owner", false);
    assertTrue(allowed(BEN, dataset, "download"));
  }

  /** F074: the error names the roles that there are instead. */
  @Test
  void role_thatTheKindDoesNotOffer_isRefusedWithThoseItOffers() {
    datarobot();
    ResourceName deployment = created("deployments/d");
    Refusal refusal = shared(deployment, BEN, Mode.MERGE, "editor", false).orElseThrow();
    assertEquals(Fault.UNKNOWN_ROLE, refusal.fault());
    assertEquals("one of [consumer, owner, user]", refusal.metadata().get("expected"));
    assertEquals("deployment", refusal.metadata().get("kind"));
  }

  /** F075 to F077. */
  @Test
  void predict_onADeployment_isAllowedWithoutSeeingIt() {
    datarobot();
    ResourceName deployment = created("deployments/d");
    share(deployment, BEN, "consumer", false);
    assertTrue(allowed(BEN, deployment, "predict"));
    for (String other : List.of("view", "list", "view_settings", "monitor", "update")) {
      assertFalse(allowed(BEN, deployment, other), other);
    }
  }

  /** F064: an action can need another permission on another kind. */
  @Test
  void predict_onModelAndVersion_needsThePermissionOfEach() {
    ResourceName model = google();
    ResourceName version = ResourceName.parse(model + "/versions/v1");
    grant(model, BEN, "", List.of("ml.models.predict"), Micros.NEVER);
    assertTrue(allowed(BEN, model, "predict"));
    assertEquals("ACCESS", reason(BEN, version, "predict"));
    grant(model, BEN, "", List.of("ml.versions.predict"), Micros.NEVER);
    assertTrue(allowed(BEN, version, "predict"));
  }

  /** The same in listings, which ask for each kind what it needs. */
  @Test
  void lookup_ofAnActionThatDiffersByKind_findsWhatCheckAllows() {
    ResourceName model = google();
    created("projects/p/models/m/versions/v1");
    grant(model, BEN, "", List.of("ml.versions.predict"), Micros.NEVER);
    assertEquals(List.of(model + "/versions/v1"), found("predict"));
    grant(model, BEN, "", List.of("ml.models.predict"), Micros.NEVER);
    assertEquals(List.of(model.toString(), model + "/versions/v1"), found("predict"));
  }

  private List<String> found(String action) {
    var query = new ResourceQuery(BEN, action, ORG, "", LookupContext.NONE);
    return Lookup.all(
            10, page -> bed.lookups().resources(query, Requester.SYSTEM_ADMINISTRATOR, page))
        .allowed();
  }

  /** models.patch needs both. */
  @Test
  void update_withOneOfTwoPermissions_isDenied() {
    ResourceName model = google();
    grant(model, BEN, "", List.of("ml.models.update"), Micros.NEVER);
    assertEquals("ACCESS", reason(BEN, model, "update"));
    grant(model, BEN, "", List.of("ml.models.get"), Micros.NEVER);
    assertTrue(allowed(BEN, model, "update"));
  }

  /** F131: no condition, and so no end, on basic roles nor for everybody. */
  @Test
  void end_onABasicRoleOrForEverybody_isRefused() {
    ResourceName model = google();
    long end = 4_000_000_000_000_000L;
    assertEquals(Fault.INVALID_FIELD, granted(project(), BEN, "editor", end).orElseThrow().fault());
    assertEquals(
        Fault.INVALID_FIELD,
        granted(model, PrincipalName.ALL_USERS, "ml.modelUser", end).orElseThrow().fault());
    assertEquals(Optional.empty(), granted(model, BEN, "ml.modelUser", end));
    assertEquals(
        Optional.empty(), granted(model, PrincipalName.ALL_USERS, "ml.modelUser", Micros.NEVER));
  }

  /** F079: a binding names its role. */
  @Test
  void grant_withoutARole_whereTheKindHasNoDefault_isRefused() {
    ResourceName model = google();
    assertEquals(Fault.UNKNOWN_ROLE, granted(model, BEN, "", Micros.NEVER).orElseThrow().fault());
  }

  /** F116: closed for owners, too, while the platform says so. */
  @Test
  void flag_ofADeployment_closesPredictForItsOwner() {
    datarobot();
    ResourceName deployment = created("deployments/d");
    share(deployment, BEN, "owner", true);
    assertTrue(allowed(BEN, deployment, "predict"));
    flags(deployment, Set.of("inactive"));
    assertEquals("INACTIVE", reason(BEN, deployment, "predict"));
    flags(deployment, Set.of());
    assertTrue(allowed(BEN, deployment, "predict"));
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

  private void datarobot() {
    organization("datarobot");
    for (PrincipalName name : List.of(BEN)) {
      accepted(
          bed.commit(
              "acme",
              new Command.PutPrincipal(
                  name, Optional.of(PrincipalRow.State.ACTIVE), Optional.empty(), "", "", false)));
    }
  }

  private ResourceName google() {
    organization("google-ai-platform");
    created("projects/p");
    return created("projects/p/models/m");
  }

  private static ResourceName project() {
    return ResourceName.parse(ORG + "/projects/p");
  }

  private void organization(String profile) {
    accepted(bed.commit("system", new Command.RegisterOrganization("acme")));
    accepted(
        bed.commit(
            "acme", new Command.InitializeOrganization("acme", "", profile, Optional.of(ANA))));
  }

  private ResourceName created(String path) {
    ResourceName name = ResourceName.parse(ORG + "/" + path);
    accepted(bed.commit("acme", new Command.CreateResource(name, "", Map.of(), Optional.of(ANA))));
    return name;
  }

  private void share(ResourceName name, PrincipalName to, String role, boolean canShare) {
    accepted(shared(name, to, Mode.MERGE, role, canShare));
  }

  private void set(ResourceName name, PrincipalName to, String role, boolean canShare) {
    accepted(shared(name, to, Mode.SET, role, canShare));
  }

  private void grant(
      ResourceName name, PrincipalName to, String role, List<String> permissions, long end) {
    accepted(commit(name, Mode.MERGE, to, role, permissions, false, end));
  }

  private Optional<Refusal> granted(ResourceName name, PrincipalName to, String role, long end) {
    return commit(name, Mode.MERGE, to, role, List.of(), false, end);
  }

  private Optional<Refusal> shared(
      ResourceName name, PrincipalName to, Mode mode, String role, boolean canShare) {
    return commit(name, mode, to, role, List.of(), canShare, Micros.NEVER);
  }

  private Optional<Refusal> commit(
      ResourceName name,
      Mode mode,
      PrincipalName to,
      String role,
      List<String> permissions,
      boolean canShare,
      long end) {
    var change = new Command.GrantChange(mode, to, role, permissions, canShare, false, 0, end, "");
    return bed.commit("acme", new Command.UpdateGrants(name, List.of(change), ""));
  }

  private boolean allowed(PrincipalName principal, ResourceName resource, String action) {
    return bed.ask(question(principal, resource, action)).allowed();
  }

  private String reason(PrincipalName principal, ResourceName resource, String action) {
    return bed.ask(question(principal, resource, action)).reason();
  }

  private static Question question(PrincipalName principal, ResourceName resource, String action) {
    return new Question(
        principal.toString(), resource.toString(), action, List.of(), Consistency.CURRENT);
  }

  private static void accepted(Optional<Refusal> refusal) {
    assertEquals(Optional.empty(), refusal);
  }
}
