package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange.Mode;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.sharing.DenyRuleChange;
import dev.modelgate.app.sharing.TypeRightChange;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What is remembered of a path, and every answer that was made from it, ends with a change of
 * anything that it was made from (hazard 5). Of somebody who has never asked before no answer and
 * no record is remembered, only the path. The negative control makes the same changes and raises no
 * stamp: then the old answer must come, or the case looks at nothing that is remembered.
 */
final class PathFactsTest {
  private static final PrincipalName MAKER = PrincipalName.parse("user:maker@acme.com");
  private static final PrincipalName STAFF = PrincipalName.parse("group:staff");
  private static final PrincipalName ABOVE = PrincipalName.parse("group:above");
  private static final ResourceName ROOT = ResourceName.ofOrganization("acme");
  private static final ResourceName PROD = ResourceName.parse(ROOT + "/environments/prod");
  private static final ResourceName FRAUD = ResourceName.parse(PROD + "/models/fraud");
  private static final ResourceName VERSION = ResourceName.parse(FRAUD + "/versions/1");
  private static final ResourceName LATE = ResourceName.parse(PROD + "/models/late");
  private static final int ASKED_BEFORE = 3;

  /**
   * A change.
   *
   * @param asked about what
   * @param was the answer before
   * @param before what is done first
   * @param change what changes
   * @param is the answer after
   */
  private record Case(
      String name,
      ResourceName asked,
      String was,
      List<Command> before,
      Command change,
      String is) {}

  @Test
  void changeOfAnythingAlongAPath_isSeenByTheNextCaller() {
    cases()
        .forEach(
            one -> assertEquals(one.is(), afterTheChange(one, false, ASKED_BEFORE), one.name()));
  }

  /** The last one before was answered from a remembered path. */
  @Test
  void changeOfAnythingAlongAPath_endsAnswersThatWereMadeFromIt() {
    cases()
        .forEach(
            one ->
                assertEquals(one.is(), afterTheChange(one, false, ASKED_BEFORE - 1), one.name()));
  }

  @Test
  void changeOfAnythingAlongAPath_whenNoStampIsRaised_isMissed() {
    cases()
        .forEach(
            one -> assertEquals(one.was(), afterTheChange(one, true, ASKED_BEFORE), one.name()));
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (ResourceName asked : List.of(FRAUD, VERSION)) {
      for (ResourceName scope : List.of(ROOT, PROD, FRAUD)) {
        cases.add(allowed(asked, new Command.SuspendResource(scope, true), "SUSPENDED"));
        cases.add(allowed(asked, deny(scope), "DENY_RULE"));
      }
      cases.add(allowed(asked, flags(Set.of()), "NOT_PUBLISHED"));
      cases.add(allowed(asked, feature(), "FEATURE_OFF"));
      cases.add(allowed(asked, grant(Mode.REMOVE, STAFF, ""), "NO_GRANT"));
      cases.add(allowed(asked, new Command.DeleteResource(FRAUD, ""), "UNKNOWN_RESOURCE"));
      cases.add(allowed(asked, gate(), "NOT_PUBLISHED"));
      cases.add(groups(asked));
      cases.add(units(asked));
    }
    Command created = create(LATE, Optional.of(MAKER));
    cases.add(new Case("created", LATE, "UNKNOWN_RESOURCE", List.of(), created, "NO_GRANT"));
    return cases;
  }

  private static Case allowed(ResourceName asked, Command change, String is) {
    String name = is + " on " + asked + " by " + change.getClass().getSimpleName();
    return new Case(name, asked, "ALLOW", List.of(), change, is);
  }

  /** What staff has, it has by the group above it. */
  private static Case groups(ResourceName asked) {
    return new Case(
        "edge on " + asked,
        asked,
        "ALLOW",
        List.of(
            grant(Mode.REMOVE, STAFF, ""),
            group(ABOVE),
            member(true, ABOVE, STAFF),
            grant(Mode.MERGE, ABOVE, "user")),
        member(false, ABOVE, STAFF),
        "NO_GRANT");
  }

  /** What staff has, it has by its unit. */
  private static Case units(ResourceName asked) {
    return new Case(
        "unit on " + asked,
        asked,
        "ALLOW",
        List.of(
            grant(Mode.REMOVE, STAFF, ""),
            right("model", "system_customizer", Depth.UNIT),
            right("version", "system_customizer", Depth.UNIT)),
        new Command.UpdateResource(
            FRAUD,
            Optional.empty(),
            Optional.empty(),
            Optional.of(new UnitName("far")),
            Optional.empty(),
            ""),
        "NO_GRANT");
  }

  /** What somebody is told who asks after a change. */
  private static String afterTheChange(Case one, boolean deaf, int next) {
    DeafStamps stamps = new DeafStamps();
    try (Bed bed = new Bed(new MemoryReplica(Rows::check), stamps, new HandClock(), 0)) {
      begin(bed);
      one.before().forEach(command -> accept(bed, "acme", command));
      for (int asker = 0; asker < ASKED_BEFORE; asker++) {
        assertEquals(one.was(), said(bed, one.asked(), asker), one.name());
      }
      stamps.deaf = deaf;
      accept(bed, "acme", one.change());
      stamps.deaf = false;
      assertEquals(0, bed.counts().hits.sum(), "an answer was remembered");
      return said(bed, one.asked(), next);
    }
  }

  private static void begin(Bed bed) {
    accept(bed, "system", new Command.RegisterOrganization("acme"));
    accept(
        bed,
        "acme",
        new Command.InitializeOrganization(
            "acme", "", "ai-builder", Optional.of(PrincipalName.parse("user:it@acme.com"))));
    accept(bed, "acme", create(PROD, Optional.empty()));
    accept(bed, "acme", user(MAKER));
    accept(bed, "acme", create(FRAUD, Optional.of(MAKER)));
    accept(bed, "acme", flags(Set.of("published")));
    accept(bed, "acme", group(STAFF));
    accept(bed, "acme", right("model", "basic_user", Depth.OWN));
    accept(bed, "acme", right("version", "basic_user", Depth.OWN));
    accept(bed, "acme", grant(Mode.MERGE, STAFF, "user"));
    for (int asker = 0; asker <= ASKED_BEFORE; asker++) {
      accept(bed, "acme", user(asker(asker)));
      accept(bed, "acme", member(true, STAFF, asker(asker)));
    }
  }

  private static PrincipalName asker(int number) {
    return PrincipalName.parse("user:u" + number + "@acme.com");
  }

  private static String said(Bed bed, ResourceName resource, int asker) {
    Answer answer =
        bed.ask(
            new Question(
                asker(asker).toString(),
                resource.toString(),
                "predict",
                List.of(),
                Consistency.CURRENT));
    return answer.allowed() ? "ALLOW" : answer.reason();
  }

  private static void accept(Bed bed, String org, Command command) {
    assertEquals(Optional.empty(), bed.commit(org, command), command.toString());
  }

  private static Command create(ResourceName name, Optional<PrincipalName> owner) {
    String type = name.equals(FRAUD) ? "prediction" : "";
    var attributes = new ResourceRow.Attributes("", Map.of(), type, UnitName.ROOT, Set.of());
    return new Command.CreateResource(name, attributes, owner);
  }

  private static Command user(PrincipalName name) {
    return new Command.PutPrincipal(name, Optional.empty(), Optional.empty(), "", "", false);
  }

  private static Command group(PrincipalName name) {
    return new Command.PutPrincipal(
        name, Optional.empty(), Optional.of(PrincipalRow.GroupType.OWNER), "", "", false);
  }

  private static Command member(boolean add, PrincipalName group, PrincipalName member) {
    return new Command.UpdateMemberships(List.of(new MembershipChange(add, group, member)));
  }

  private static Command grant(Mode mode, PrincipalName to, String role) {
    var change =
        new Command.GrantChange(mode, to, role, List.of(), false, false, 0, Micros.NEVER, "");
    return new Command.UpdateGrants(FRAUD, List.of(change), "");
  }

  private static Command right(String kind, String role, Depth depth) {
    return new Command.UpdateTypeRights(
        List.of(
            new TypeRightChange(
                Mode.MERGE,
                STAFF,
                kind,
                role,
                List.of(),
                Optional.of(depth),
                Set.of(Effect.REQUIRES, Effect.ALLOWS))),
        "");
  }

  private static Command deny(ResourceName scope) {
    return new Command.UpdateDenyRules(
        List.of(
            new DenyRuleChange.Put(
                "no", "", List.of(STAFF), List.of(), List.of("predict"), scope, "", "")));
  }

  private static Command flags(Set<String> flags) {
    return new Command.UpdateResource(
        FRAUD, Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(flags), "");
  }

  private static Command feature() {
    return new Command.UpdateOrganization(
        Optional.empty(), Optional.of(Map.of("prediction", false)), "");
  }

  /** The gate that lets published models through closes them instead. */
  private static Command gate() {
    String text = BuiltInProfiles.find("ai-builder").orElseThrow().text();
    String other = text.replace("flags: {published: false}", "flags: {published: true}");
    assertNotEquals(text, other);
    return new Command.PutProfile(other, "", "");
  }

  /** Stamps that can be made to miss what changes. */
  private static final class DeafStamps extends Stamps {
    private boolean deaf;

    @Override
    public void raise(int stripe, long sequence) {
      if (!deaf) {
        super.raise(stripe, sequence);
      }
    }
  }
}
