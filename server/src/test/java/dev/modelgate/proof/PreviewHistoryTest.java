package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.query.AccessChange.Difference;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.proof.Preview.Pair;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Random commands of random actors, previewed and then committed: a preview fails exactly when and
 * how the commit does, and says exactly the difference between what Check answers before and after,
 * about every account and resource; for times ahead, what the reference says of the plain model.
 *
 * <p>{@code -Dmodelgate.preview.seeds=} sets the number of histories.
 */
final class PreviewHistoryTest {
  private static final int SEEDS = Integer.getInteger("modelgate.preview.seeds", 50);
  private static final int STEPS = 40;
  private static final String NOBODY = "user:nobody@nowhere.example";

  private int previewed;
  private int refused;
  private int changed;
  private int bounded;
  private int withheld;
  private int timed;

  @Test
  void preview_ofEveryCommand_isTheDifferenceOfChecks() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        play(seed);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    System.out.printf(
        "previews: %d seeds, %d previewed, %d refused, %d pairs changed, %d by bounded actors of"
            + " which %d were not shown all, %d changes at times ahead%n",
        SEEDS, previewed, refused, changed, bounded, withheld, timed);
    assertTrue(previewed > SEEDS, "too few previews");
    assertTrue(refused > SEEDS / 2, "too few refusals");
    assertTrue(changed > SEEDS * 10, "too few changes");
    assertTrue(bounded > SEEDS / 4, "too few bounded actors");
    assertTrue(timed > SEEDS / 4, "too few changes at times ahead");
  }

  private void play(long seed) {
    HandClock wall = new HandClock();
    Narrator narrator = new Narrator(seed, "acme");
    PlainModel model = new PlainModel();
    try (Bed bed = new Bed(new MemoryReplica(Rows::check), new Stamps(), wall, 0)) {
      assertEquals(
          Optional.empty(), bed.commit("system", new Command.RegisterOrganization("acme")));
      for (Command command : narrator.opening()) {
        model = step(bed, narrator, model, Requester.SYSTEM_ADMINISTRATOR, command);
      }
      for (int step = 0; step < STEPS; step++) {
        if (narrator.happens(6)) {
          wall.set(narrator.clock(model, wall.micros()));
        } else if (narrator.happens(12)) {
          bed.sweep();
        } else {
          Command told = narrator.command(model, bed.nowMicros());
          Command command = bed.withEtag("acme", bed.resolved("acme", told));
          model = step(bed, narrator, model, narrator.requester(command, model), command);
        }
      }
    }
  }

  /** Commits, and has it previewed now and then; the model afterwards. */
  private PlainModel step(
      Bed bed, Narrator narrator, PlainModel model, Requester requester, Command command) {
    String organization = command instanceof Command.SystemCommand ? "system" : "acme";
    long now = bed.nowMicros();
    boolean previews = !(command instanceof Command.ImportItems) && narrator.happens(3);
    Optional<Preview> preview = Optional.empty();
    Optional<Refusal> refusal = Optional.empty();
    Map<Pair, Set<String>> before = Map.of();
    PlainModel after = model.after(requester, command, now);
    if (previews) {
      before = allowed(bed, model, after);
      OrgHead head = bed.head("acme");
      try {
        preview =
            Optional.of(
                Preview.of(bed, organization, requester, command, 1 + Math.floorMod(now, 4)));
      } catch (RefusedException e) {
        refusal = Optional.of(e.refusal());
      }
      assertEquals(head, bed.head("acme"), "a preview changes nothing");
      if (narrator.happens(4)) {
        assertEquals(before, allowed(bed, model, after), "a preview changes no answer");
      }
    }
    Optional<Refusal> committed = bed.commit(organization, requester, command);
    if (previews) {
      assertEquals(committed, refusal, () -> requester + " " + command);
    }
    if (preview.isPresent()) {
      require(bed, preview.get(), before, new Comparison(model, after, requester, now), command);
    }
    previewed += previews ? 1 : 0;
    refused += refusal.isPresent() ? 1 : 0;
    return committed.isPresent() ? model : after;
  }

  /** What is compared in the plain model. */
  private record Comparison(PlainModel before, PlainModel after, Requester actor, long nowMicros) {
    /** Whether the actor may read the grants on what there was at or above the resource. */
    boolean shows(Pair pair) {
      if (actor.isSystemAdministrator()
          || actor.actor().equals(pair.principal())
          || may(ResourceName.ofOrganization("acme"), "transfer")) {
        return true;
      }
      ResourceName nearest = ResourceName.parse(pair.resource());
      while (!before.isRegistered(nearest)) {
        nearest = nearest.parent();
      }
      return may(nearest, "grants.read");
    }

    private boolean may(ResourceName resource, String action) {
      return allowed(before, new Pair(actor.actor(), resource.text()), nowMicros).contains(action);
    }
  }

  private void require(
      Bed bed,
      Preview preview,
      Map<Pair, Set<String>> before,
      Comparison comparison,
      Command command) {
    Map<Pair, Set<String>> after = allowed(bed, comparison.before(), comparison.after());
    boolean all = true;
    for (var entry : before.entrySet()) {
      Pair pair = entry.getKey();
      Difference now = difference(entry.getValue(), Objects.requireNonNull(after.get(pair)));
      boolean shown = comparison.shows(pair);
      all &= shown || now.isNone();
      changed += now.isNone() ? 0 : 1;
      require(preview, pair, comparison.nowMicros(), shown ? now : Difference.NONE, command);
    }
    for (Pair pair : preview.changes().keySet()) {
      assertTrue(before.containsKey(named(pair)), () -> "nobody knows " + pair);
      assertTrue(comparison.shows(named(pair)), () -> "may not be seen: " + pair);
    }
    if (comparison.actor().isSystemAdministrator()) {
      assertTrue(preview.complete(), () -> "not complete: " + command);
    } else {
      bounded++;
      withheld += all ? 0 : 1;
      assertTrue(all || !preview.complete(), () -> "complete with something left out: " + command);
    }
    if (previewed % 3 == 0) {
      requireAhead(preview, before.keySet(), comparison, command);
    }
  }

  /** The same at a time ahead at which a grant begins or ends. */
  private void requireAhead(
      Preview preview, Set<Pair> pairs, Comparison comparison, Command command) {
    Set<Long> boundaries = new TreeSet<>(comparison.before().boundaries());
    boundaries.addAll(comparison.after().boundaries());
    boundaries.removeIf(time -> time <= comparison.nowMicros());
    List<Long> ahead = new ArrayList<>(boundaries);
    if (ahead.isEmpty()) {
      return;
    }
    long time = ahead.get(previewed % ahead.size());
    for (Pair pair : pairs) {
      // All that is shown, and some of what is not: the reference takes its time.
      if (!preview.changes().containsKey(listed(pair)) && pair.hashCode() % 5 != 0) {
        continue;
      }
      Difference then =
          difference(
              allowed(comparison.before(), pair, time), allowed(comparison.after(), pair, time));
      timed += then.equals(preview.at(listed(pair), comparison.nowMicros())) ? 0 : 1;
      require(preview, pair, time, comparison.shows(pair) ? then : Difference.NONE, command);
    }
  }

  private static void require(
      Preview preview, Pair pair, long time, Difference expected, Command command) {
    assertEquals(
        expected,
        preview.at(listed(pair), time),
        () -> pair + " at " + time + " by " + command + " previewed as " + preview);
  }

  /** What every account may do on every resource there is before or after, asked of Check. */
  private static Map<Pair, Set<String>> allowed(Bed bed, PlainModel before, PlainModel after) {
    Map<Pair, Set<String>> allowed = new HashMap<>();
    for (Pair pair : pairs(before, after)) {
      Question question =
          new Question(pair.principal(), pair.resource(), "get", List.of(), Consistency.CURRENT);
      allowed.put(pair, new TreeSet<>(bed.actions(question).actions()));
    }
    return allowed;
  }

  private static Set<String> allowed(PlainModel model, Pair pair, long micros) {
    Set<String> allowed = new TreeSet<>();
    for (String action : model.profile().verbs().keySet()) {
      Question question =
          new Question(pair.principal(), pair.resource(), action, List.of(), Consistency.CURRENT);
      if (History.verdict(model, question, micros).allowed()) {
        allowed.add(action);
      }
    }
    return allowed;
  }

  private static List<Pair> pairs(PlainModel before, PlainModel after) {
    Set<String> principals = new TreeSet<>(List.of(NOBODY, "anonymous"));
    Set<ResourceName> resources = new TreeSet<>((a, b) -> a.text().compareTo(b.text()));
    for (PlainModel model : List.of(before, after)) {
      resources.addAll(model.resources());
      for (PrincipalName name : model.principals()) {
        if (name.kind().canCall()) {
          principals.add(name.toString());
        }
      }
    }
    List<Pair> pairs = new ArrayList<>();
    for (String principal : principals) {
      for (ResourceName resource : resources) {
        pairs.add(new Pair(principal, resource.text()));
      }
    }
    return pairs;
  }

  private static Difference difference(Set<String> before, Set<String> after) {
    List<String> gained = new ArrayList<>(after);
    gained.removeAll(before);
    List<String> lost = new ArrayList<>(before);
    lost.removeAll(after);
    return new Difference(gained, lost, List.of());
  }

  /** Under which names those without a record are listed. */
  private static Pair listed(Pair pair) {
    return switch (pair.principal()) {
      case NOBODY -> new Pair("allAuthenticatedUsers", pair.resource());
      case "anonymous" -> new Pair("allUsers", pair.resource());
      default -> pair;
    };
  }

  private static Pair named(Pair pair) {
    return switch (pair.principal()) {
      case "allAuthenticatedUsers" -> new Pair(NOBODY, pair.resource());
      case "allUsers" -> new Pair("anonymous", pair.resource());
      default -> pair;
    };
  }
}
