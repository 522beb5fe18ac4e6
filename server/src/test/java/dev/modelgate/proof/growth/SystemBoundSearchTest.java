package dev.modelgate.proof.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random search: somebody who administers an organization without an end does whatever there is to
 * do, by himself and through front ends. He comes to nothing that is the system administrator's,
 * and to nothing at all in another organization, under whose names ever he comes there.
 *
 * <p>{@code -Dmodelgate.growth.seeds=1000 -Dmodelgate.growth.first=1} searches longer. The negative
 * controls switch a rule off, and the search has to find what it keeps.
 */
final class SystemBoundSearchTest {
  private static final int SEEDS = Integer.getInteger("modelgate.growth.seeds", 4);
  private static final long FIRST = Long.getLong("modelgate.growth.first", 1);
  private static final int CONTROL_SEEDS_MAX = 30;

  static List<GrowthSetting> settings() {
    return PrivilegeGrowthSearchTest.settings();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void administrator_byAnySequenceOfCommands_comesToNothingOfTheSystem(GrowthSetting setting) {
    Map<String, Integer> accepted = new TreeMap<>();
    for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
      assertEquals(
          Optional.empty(), SystemSearch.ofAdministrator(setting, seed, Lens.CLEAR, accepted));
    }
    System.out.println("administrator, " + setting.name() + ": accepted " + accepted);
    int all = accepted.values().stream().mapToInt(Integer::intValue).sum();
    assertTrue(all > 12 * SEEDS, "he administers: " + all);
  }

  @ParameterizedTest
  @MethodSource("settings")
  void administratorOfAnother_underAnyName_changesNothing(GrowthSetting setting) {
    for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
      assertEquals(Optional.empty(), SystemSearch.ofAnother(setting, seed, true));
    }
  }

  @Test
  void search_whereCredentialsAreBoundToNoOrganization_findsAChange() {
    requireFound(seed -> SystemSearch.ofAnother(GrowthSetting.modelgate(), seed, false));
  }

  /** Each command without the limits of its requester. */
  @ParameterizedTest
  @MethodSource("limited")
  void search_withoutTheLimitsOfACommand_findsWhatIsTheSystems(Class<?> kind) {
    Lens lens = new Lens(text -> text, view -> view, kind::isInstance);
    requireFound(
        seed ->
            SystemSearch.ofAdministrator(GrowthSetting.modelgate(), seed, lens, new TreeMap<>()));
  }

  static List<Class<?>> limited() {
    return SystemSearch.BOUNDED;
  }

  private interface Search {
    Optional<String> play(long seed);
  }

  private static void requireFound(Search search) {
    long seed = 1;
    while (search.play(seed).isEmpty()) {
      seed++;
      assertTrue(seed <= CONTROL_SEEDS_MAX, "not found by " + CONTROL_SEEDS_MAX + " seeds");
    }
    System.out.println("administrator, a rule switched off: found by seed " + seed);
  }
}
