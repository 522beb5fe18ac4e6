package dev.modelgate.proof.growth;

import static dev.modelgate.proof.growth.GrowthSetting.ACCOMPLICES;
import static dev.modelgate.proof.growth.GrowthSetting.ADMIN;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.sharing.Rules;
import dev.modelgate.app.sharing.SystemRules;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.row.OrphanRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * One random organization, in which accomplices do what they like until somebody has more than any
 * of them could give.
 */
final class GrowthSearch {
  private static final int STEPS = 70;
  private static final int EACH = 30;
  private static final long BEGIN_MICROS = 1_000_000_000_000_000L;

  private final GrowthSetting setting;
  private final GrowthCast cast;
  private final Lens lens;
  private final Random random;
  private final GrowthRows state = new GrowthRows();
  private final Map<String, Integer> accepted;
  private final Profile seen;
  private final Profile profile;
  private long now = BEGIN_MICROS;

  private GrowthSearch(
      GrowthSetting setting, GrowthCast cast, long seed, Lens lens, Map<String, Integer> accepted) {
    this.setting = setting;
    this.cast = cast;
    this.lens = lens;
    this.random = new Random(seed);
    this.accepted = accepted;
    initialize();
    Vocabulary vocabulary = state.rows().settings().orElseThrow().vocabulary();
    this.profile = setting.document().compile(vocabulary);
    this.seen = lens.document(setting).compile(vocabulary);
  }

  /**
   * Plays one seed.
   *
   * @param accepted counts what was accepted, by command
   * @return what somebody came to, and by what; empty when nobody came to anything
   */
  static Optional<String> play(
      GrowthSetting setting, GrowthCast cast, long seed, Map<String, Integer> accepted) {
    Optional<String> found = new GrowthSearch(setting, cast, seed, Lens.CLEAR, accepted).play(EACH);
    // Again, looking after each step, to name the one that did it.
    return found.map(
        what ->
            new GrowthSearch(setting, cast, seed, Lens.CLEAR, new TreeMap<>()).play(1).orElse(what)
                + " (seed "
                + seed
                + ")");
  }

  /** Whether somebody comes to something where the rules see not all. */
  static boolean finds(GrowthSetting setting, GrowthCast cast, long seed, Lens lens) {
    return new GrowthSearch(setting, cast, seed, lens, new TreeMap<>()).play(EACH).isPresent();
  }

  private Optional<String> play(int each) {
    GrowthMoves moves = new GrowthMoves(setting, profile, random);
    moves.furnish().forEach(command -> commit(Requester.SYSTEM_ADMINISTRATOR, command, Lens.CLEAR));
    for (Command command : cast.furnish(profile)) {
      if (!commit(Requester.SYSTEM_ADMINISTRATOR, command, Lens.CLEAR)) {
        throw new IllegalStateException("not furnished: " + command);
      }
    }
    GrowthBound bound = bound();
    if (bound.isUnbounded()) {
      accepted.merge("(unbounded)", 1, Integer::sum);
      return Optional.empty();
    }
    List<String> told = new ArrayList<>();
    for (int step = 1; step <= STEPS; step++) {
      boolean forATime = cast == GrowthCast.FOR_A_TIME && random.nextInt(3) == 0;
      // The first administers, the second declares emergencies.
      PrincipalName actor = ACCOMPLICES.get(random.nextInt(forATime ? 2 : ACCOMPLICES.size()));
      Command command = forATime ? moves.forATime(actor) : moves.next(state.rows(), actor);
      if (commit(cast.requester(actor, profile, random), command, lens)) {
        accepted.merge(command.getClass().getSimpleName(), 1, Integer::sum);
        told.add(actor + " " + command);
      }
      if (step % 20 == 0) {
        sweep();
      }
      if (told.size() >= each || step == STEPS) {
        Optional<String> excess = bound.excess(state.rows());
        if (excess.isPresent()) {
          return excess.map(what -> what + " by " + String.join("\n  ", told));
        }
        told.clear();
      }
    }
    return Optional.empty();
  }

  private GrowthBound bound() {
    List<PrincipalName> watched = new ArrayList<>(ACCOMPLICES);
    watched.add(GrowthSetting.BYSTANDER);
    watched.add(GrowthSetting.STRANGER);
    if (profile.kinds().stream().anyMatch(kind -> kind.sharing().links())) {
      watched.addAll(GrowthSetting.LINKS);
    }
    if (cast == GrowthCast.FOR_A_TIME) {
      long after = Pick.END_MICROS + 1;
      return new GrowthBound(
          setting, state.rows(), watched, now, after, random.nextBoolean(), true);
    }
    long at = random.nextBoolean() ? BEGIN_MICROS + 1_000_000 : Pick.END_MICROS + 1;
    return new GrowthBound(setting, state.rows(), watched, now, at, random.nextBoolean(), false);
  }

  private void initialize() {
    state.apply(
        SystemRules.initialize(
            state,
            Requester.SYSTEM_ADMINISTRATOR,
            new Command.InitializeOrganization(
                GrowthSetting.ID, "Acme", "", setting.profile(), Optional.of(ADMIN)),
            now));
  }

  private void sweep() {
    List<Command> sweeps = new ArrayList<>();
    state
        .rows()
        .eachOrphan(
            row -> {
              long deleted = row.left().map(OrphanRow.Left::deletedAtMicros).orElse(0L);
              return sweeps.add(new Command.Sweep(row.uid(), deleted));
            });
    sweeps.forEach(sweep -> commit(Requester.SYSTEM_ADMINISTRATOR, sweep, Lens.CLEAR));
  }

  private boolean commit(Requester requester, Command command, Lens through) {
    now++;
    try {
      state.apply(
          Rules.apply(
              GrowthSetting.ID,
              through.view().apply(state),
              through.equals(Lens.CLEAR) ? profile : seen,
              through.requester(requester, command),
              "why",
              command,
              now));
      return true;
    } catch (RefusedException e) {
      return false;
    }
  }
}
