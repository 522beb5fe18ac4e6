package dev.modelgate.proof.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.modelgate.app.sharing.Command;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random search: accomplices do whatever there is to do, in each profile, without administration or
 * with one for a time, by themselves, through front ends and in emergencies. Nobody comes to more
 * than the reference evaluator says that they could give.
 *
 * <p>{@code -Dmodelgate.growth.seeds=1000 -Dmodelgate.growth.first=1} searches longer. The negative
 * controls hide from the rules what one of them is about, and the search has to find growth.
 */
final class PrivilegeGrowthSearchTest {
  private static final int SEEDS = Integer.getInteger("modelgate.growth.seeds", 8);
  private static final int CONTROL_SEEDS_MAX = 100;
  private static final long FIRST = Long.getLong("modelgate.growth.first", 1);

  static List<GrowthSetting> settings() {
    return List.of(
        GrowthSetting.modelgate(),
        GrowthSetting.typed(),
        GrowthSetting.aiBuilder(),
        GrowthSetting.dataRobot(),
        GrowthSetting.google());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void accomplices_byAnySequenceOfCommands_neverWidenAnybody(GrowthSetting setting) {
    Map<String, Integer> accepted = new TreeMap<>();
    for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
      assertEquals(
          Optional.empty(), GrowthSearch.play(setting, GrowthCast.SHARERS, seed, accepted));
    }
    System.out.println(
        "growth, "
            + setting.name()
            + ": seeds "
            + FIRST
            + " to "
            + (FIRST + SEEDS - 1)
            + ", accepted "
            + accepted);
  }

  /**
   * Administration that ends, emergencies and front ends: when all that has an end is over, nobody
   * has what he could not have come to without them, and no limit is lifted.
   */
  @ParameterizedTest
  @MethodSource("settings")
  void accomplicesForATime_byAnySequenceOfCommands_keepNothing(GrowthSetting setting) {
    Map<String, Integer> accepted = new TreeMap<>();
    for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
      assertEquals(
          Optional.empty(), GrowthSearch.play(setting, GrowthCast.FOR_A_TIME, seed, accepted));
    }
    System.out.println("growth for a time, " + setting.name() + ": accepted " + accepted);
  }

  /** An administrator for a time who seems to be one for ever. */
  @Test
  void search_whereAdministrationSeemsToLast_findsGrowth() {
    for (GrowthSetting setting : List.of(GrowthSetting.modelgate(), typed())) {
      requireFound(1, setting, GrowthCast.FOR_A_TIME, Lens.rows(HiddenRows::withoutEnds));
    }
  }

  @Test
  void search_withoutTheCap_findsGrowth() {
    requireFound(1, typed(), Lens.profile(text -> text.replace("cap: subset", "cap: none")));
    requireFound(
        1, GrowthSetting.dataRobot(), Lens.profile(text -> text.replace("cap: rank", "cap: none")));
  }

  @Test
  void search_whereCanShareIsNotLookedAt_findsGrowth() {
    requireFound(
        90,
        GrowthSetting.modelgate(),
        Lens.profile(
            text ->
                text.replaceAll(
                    "(?m)^    parents:", "    honours_can_share: false\n    parents:")));
  }

  @Test
  void search_whereCanUseDataIsNotLookedAt_findsGrowth() {
    requireFound(
        122,
        GrowthSetting.modelgate(),
        Lens.profile(text -> text.replaceAll("(?m)^    data_permissions:.*$", "")));
  }

  @Test
  void search_whereDenyRulesDoNotBindTheGiver_findsGrowth() {
    requireFound(4, GrowthSetting.modelgate(), Lens.rows(HiddenRows::withoutDenyRules));
  }

  @Test
  void search_whereCeilingsDoNotBindTheGiver_findsGrowth() {
    requireFound(56, typed(), Lens.profile(text -> text.replace("    ceilings: if_any\n", "")));
  }

  @Test
  void search_wherePrivilegesDoNotBindTheGiver_findsGrowth() {
    requireFound(39, typed(), Lens.profile(text -> text.replace("    privileges: required\n", "")));
  }

  @Test
  void search_whereWhatIsHeldSeemsToLast_findsGrowth() {
    requireFound(4, GrowthSetting.modelgate(), Lens.rows(HiddenRows::withoutEnds));
  }

  @Test
  void search_whereWhatIsHeldSeemsUnconditional_findsGrowth() {
    requireFound(50, GrowthSetting.modelgate(), Lens.rows(HiddenRows::withoutConditions));
  }

  @Test
  void search_whereToRegisterIsToOwn_findsGrowth() {
    requireFound(
        9,
        GrowthSetting.modelgate(),
        Lens.profile(text -> text.replaceFirst("(?m)^    needs_record: false.*$", "")));
  }

  @Test
  void search_whereEverythingSeemsToInherit_findsGrowth() {
    requireFound(1, typed(), Lens.profile(text -> text.replace("    inherits: false\n", "")));
  }

  @Test
  void search_whereEverybodyAdministers_findsGrowth() {
    requireFound(
        1,
        typed(),
        Lens.profile(text -> text.replace("administers: transfer", "administers: get")));
  }

  /** Each command without the limits of its requester. */
  @ParameterizedTest
  @MethodSource("limited")
  void search_withoutTheLimitsOfACommand_findsGrowth(Class<? extends Command> kind) {
    requireFound(1, typed(), Lens.unlimited(kind));
  }

  static List<Class<? extends Command>> limited() {
    return List.of(
        Command.UpdateGrants.class,
        Command.SetPolicy.class,
        Command.TransferOwnership.class,
        Command.UpdateResource.class,
        Command.DeleteResource.class,
        Command.UpdateTypeRights.class,
        Command.UpdateDenyRules.class,
        Command.UpdateMemberships.class,
        Command.UpdateOrganization.class,
        Command.PutPrincipal.class,
        Command.PutExternalLink.class,
        Command.PutProfile.class,
        Command.SuspendResource.class,
        Command.ImportItems.class);
  }

  private static GrowthSetting typed() {
    return GrowthSetting.typed();
  }

  /**
   * Requires that the search finds something.
   *
   * @param first the seed that found it when this was written, so that a build takes seconds
   */
  private static void requireFound(long first, GrowthSetting setting, Lens lens) {
    requireFound(first, setting, GrowthCast.SHARERS, lens);
  }

  private static void requireFound(long first, GrowthSetting setting, GrowthCast cast, Lens lens) {
    for (long seed = first; seed < first + CONTROL_SEEDS_MAX; seed++) {
      if (GrowthSearch.finds(setting, cast, seed, lens)) {
        System.out.println("growth, a rule switched off: found by seed " + seed);
        return;
      }
    }
    fail("not found by " + CONTROL_SEEDS_MAX + " seeds from " + first);
  }
}
