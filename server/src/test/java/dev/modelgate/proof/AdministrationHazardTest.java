package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.GrantChange.Mode;
import dev.modelgate.app.sharing.DenyRuleChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.store.Changes;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.row.PrincipalRow.State;
import dev.modelgate.store.row.SuspensionRow;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The hazards of administering an organization: for a time, through groups, under a suspension. */
final class AdministrationHazardTest {
  private static final PrincipalName OWNERS = PrincipalName.parse("group:owners");
  private static final PrincipalName TEAM = PrincipalName.parse("group:team");
  private static final PrincipalName PART = PrincipalName.parse("group:part");
  private static final ResourceName FRAUD = ResourceName.parse(Acme.PROD + "/models/fraud");
  private static final List<String> ADMINISTERS =
      List.of("discover", "get", "update", "delete", "transfer", "grants.write", "create");

  private final Acme acme = new Acme();

  @BeforeEach
  void begin() {
    for (PrincipalName group : List.of(OWNERS, TEAM, PART)) {
      acme.put(group);
    }
    acme.create(FRAUD, Optional.of(Acme.OWNER));
  }

  @AfterEach
  void end() {
    acme.close();
  }

  /**
   * Hazard 24: what has no end is given by nobody whose administration has one. The same commands
   * of one whose administration has none are accepted, so that it is the end which they are refused
   * for.
   */
  @Test
  void administratorForATime_makesNothingLast() {
    acme.commit(Acme.grants(Acme.PROD, Acme.set(OWNERS, "owner")));
    acme.commit(rule("old", Acme.ANA));
    acme.commit(rule("limits", TEAM));
    acme.commit(state(PART, State.DISABLED, UnitName.ROOT));
    administrator(Acme.ANA, acme.bed.nowMicros() + 3_600_000_000L);
    administrator(Acme.BO, Micros.NEVER);
    lasting()
        .forEach(
            (what, command) -> {
              Optional<Refusal> refusal = commit(Acme.ANA, command);
              assertEquals(
                  Optional.of(Fault.NOT_PERMITTED.category()),
                  refusal.map(found -> found.fault().category()),
                  what);
            });
    lasting()
        .forEach((what, command) -> assertEquals(Optional.empty(), commit(Acme.BO, command), what));
  }

  /** What ends something, or denies more, is no gift. */
  @Test
  void administratorForATime_endsAndDenies() {
    acme.commit(membership(true, TEAM, Acme.BO));
    administrator(Acme.ANA, acme.bed.nowMicros() + 3_600_000_000L);
    acme.commit(Acme.ANA, membership(false, TEAM, Acme.BO));
    acme.commit(Acme.ANA, rule("new", Acme.BO));
    acme.commit(Acme.ANA, new Command.SuspendPrincipal(Acme.BO, true));
    acme.commit(Acme.ANA, new Command.SuspendPrincipal(Acme.BO, false));
    acme.commit(Acme.ANA, Acme.grants(FRAUD, forATime(TEAM)));
    acme.commit(Acme.ANA, state(TEAM, State.DISABLED, UnitName.ROOT));
    acme.commit(Acme.ANA, new Command.DeletePrincipal(Acme.BO, ""));
  }

  private Map<String, Command> lasting() {
    Map<String, Command> lasting = new LinkedHashMap<>();
    lasting.put("a membership of his own", membership(true, OWNERS, Acme.ANA));
    lasting.put("somebody else's", membership(true, OWNERS, Acme.BO));
    lasting.put(
        "an imported one",
        new Command.ImportItems(List.of(new Command.ImportMembership(TEAM, Acme.ANA)), 1));
    lasting.put("a way out of a limit", membership(false, OWNERS, Acme.BO));
    lasting.put(
        "a grant", Acme.grants(Acme.PROD, raw(Acme.ANA, Micros.NEVER, List.of("discover"))));
    lasting.put(
        "an ownership", new Command.TransferOwnership(FRAUD, Acme.BO, Optional.of(Acme.OWNER), ""));
    lasting.put(
        "a profile",
        new Command.PutProfile(
            BuiltInProfiles.find(BuiltInProfiles.DEFAULT)
                .orElseThrow()
                .text()
                .replace("rank: 30", "rank: 31"),
            "",
            ""));
    lasting.put(
        "a rule that is gone",
        new Command.UpdateDenyRules(List.of(new DenyRuleChange.Delete("old", ""))));
    lasting.put("a group that gives again", state(PART, State.ACTIVE, UnitName.ROOT));
    lasting.put("another unit", state(OWNERS, State.ACTIVE, new UnitName("emea")));
    lasting.put("a limit switched off", state(TEAM, State.DISABLED, UnitName.ROOT));
    lasting.put("a limit deleted", new Command.DeletePrincipal(TEAM, ""));
    return lasting;
  }

  /** Hazard 30: who is in it decides about more than models. */
  @Test
  void groupWithAGrantAboveModels_isLeftByNobodyHimself() {
    for (PrincipalName group : List.of(TEAM, PART)) {
      acme.commit(membership(true, group, Acme.BO));
    }
    acme.commit(Acme.grants(FRAUD, Acme.set(PART, "user")));
    acme.commit(Acme.BO, membership(false, PART, Acme.BO));
    acme.commit(Acme.grants(Acme.PROD, Acme.set(TEAM, "user")));
    // In the words in which the organization, which he does not see, is hidden from him.
    acme.assertRefused(Fault.NOT_FOUND, Acme.BO, membership(false, TEAM, Acme.BO));
    acme.commit(Acme.OWNER, membership(false, TEAM, Acme.BO));
  }

  /** Hazard 30: also by a group that it is in, or on the organization itself. */
  @Test
  void groupInAGroupWithAGrantAboveModels_isLeftByNobodyHimself() {
    acme.commit(membership(true, PART, Acme.BO));
    acme.commit(membership(true, TEAM, PART));
    acme.commit(Acme.grants(Acme.ROOT, Acme.set(TEAM, "viewer")));
    acme.assertRefused(Fault.NOT_PERMITTED, Acme.BO, membership(false, PART, Acme.BO));
  }

  /** Hazard 34: else an administrator resumes whom the system administrator suspended. */
  @Test
  void memberOfAGroupThatTheSystemSuspended_isFreedByNoAdministrator() {
    acme.commit(membership(true, PART, Acme.BO));
    acme.commit(membership(true, TEAM, PART));
    acme.share(Acme.BO);
    acme.commit(new Command.SuspendPrincipal(TEAM, true));
    List<Command> freeing =
        List.of(
            membership(false, PART, Acme.BO),
            membership(false, TEAM, PART),
            state(PART, State.DISABLED, UnitName.ROOT),
            new Command.DeletePrincipal(PART, ""),
            new Command.DeletePrincipal(Acme.BO, ""),
            new Command.DeletePrincipal(TEAM, ""),
            new Command.SuspendPrincipal(TEAM, false));
    for (Command command : freeing) {
      acme.assertRefused(Fault.NOT_PERMITTED, Acme.OWNER, command);
      assertFalse(acme.ask(Acme.BO_GETS).allowed(), command.toString());
    }
    acme.commit(new Command.SuspendPrincipal(TEAM, false));
    assertTrue(acme.ask(Acme.BO_GETS).allowed());
    acme.commit(Acme.OWNER, new Command.SuspendPrincipal(TEAM, true));
    acme.commit(Acme.OWNER, membership(false, PART, Acme.BO));
    assertTrue(acme.ask(Acme.BO_GETS).allowed());
  }

  /**
   * A row of before suspensions had an authority restricts nothing, and is ended by the system
   * administrator alone.
   */
  @Test
  void suspensionOfAnOlderVersion_holdsUntilTheSystemAdministratorEndsIt() {
    acme.share(Acme.BO);
    SuspensionRow row =
        new SuspensionRow(
            SuspensionRow.Target.PRINCIPAL,
            acme.uid(Acme.BO),
            HandClock.BEGIN_MICROS,
            acme.uid(Acme.OWNER),
            "why",
            SuspensionRow.Authority.ORGANIZATION);
    byte[] older = Arrays.copyOf(row.value(), row.value().length - 1);
    acme.bed.deliver(
        List.of(
            Changes.at(
                1_000_000,
                Changes.next(acme.head(), new Mutation.Put(row.table(), row.key(), older)))));
    assertEquals("SUSPENDED", acme.ask(Acme.BO_GETS).reason());
    try (Bed again = new Bed(acme.replica, new Stamps(), acme.wall, 0)) {
      assertEquals("SUSPENDED", again.ask(Acme.BO_GETS).reason());
      Command resume = new Command.SuspendPrincipal(Acme.BO, false);
      assertEquals(
          Optional.of(Fault.NOT_PERMITTED),
          again.commit("acme", Requester.onBehalfOf(Acme.OWNER), resume).map(Refusal::fault));
      assertEquals(Optional.empty(), again.commit("acme", resume));
      assertTrue(again.ask(Acme.BO_GETS).allowed());
    }
  }

  private Optional<Refusal> commit(PrincipalName actor, Command command) {
    return acme.bed.commit("acme", Requester.onBehalfOf(actor), command);
  }

  private void administrator(PrincipalName name, long until) {
    acme.commit(Acme.grants(Acme.ROOT, raw(name, until, ADMINISTERS)));
  }

  private GrantChange forATime(PrincipalName name) {
    return raw(name, acme.bed.nowMicros() + 1_000_000, List.of("discover"));
  }

  private static GrantChange raw(PrincipalName name, long until, List<String> permissions) {
    return new GrantChange(Mode.SET, name, "", permissions, true, false, 0, until, "");
  }

  private static Command membership(boolean add, PrincipalName group, PrincipalName member) {
    return new Command.UpdateMemberships(List.of(new Command.MembershipChange(add, group, member)));
  }

  private static Command rule(String id, PrincipalName denied) {
    return new Command.UpdateDenyRules(
        List.of(
            new DenyRuleChange.Put(
                id, "", List.of(denied), List.of(), List.of("use"), Acme.PROD, "", "")));
  }

  private static Command state(PrincipalName name, State state, UnitName unit) {
    return new Command.PutPrincipal(
        name, Optional.of(state), Optional.empty(), "", Optional.of(unit), "", false);
  }
}
