package dev.modelgate.app.sharing;

import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which groups a type right, a ceiling, a deny rule, an exception or a grant above model level
 * names, themselves or through a group that they are in. Who is in one of these is for the
 * administrators of the organization alone, leaving included: who leaves a group that a rule
 * denies, or a ceiling bounds, gains (hazard 30).
 */
final class NamedGroups {
  /** The most grants of a group that are looked at; one with more is taken for named. */
  private static final int GRANTS_MAX = 1_000;

  /** The action that every profile understands: what it can be asked for is at model level. */
  private static final String PREDICT = "predict";

  private final Draft draft;
  private final Set<Uid> inDenyRules = new HashSet<>();

  NamedGroups(Draft draft) {
    this.draft = draft;
    draft
        .rows()
        .eachDenyRule(
            rule -> {
              inDenyRules.addAll(rule.principals());
              inDenyRules.addAll(rule.exceptions());
              return true;
            });
  }

  /** Whether something names the group, or a group that it is in. */
  boolean contains(Uid group) {
    return reaches(group, uid -> isInARule(uid) || hasGrantAboveModels(uid));
  }

  /**
   * The same without grants: what takes something from its members, or might, so that to switch the
   * group off gives it back to them.
   */
  boolean mayLimit(Uid group) {
    return reaches(group, this::isInARule);
  }

  private boolean isInARule(Uid group) {
    return inDenyRules.contains(group) || hasTypeRight(group);
  }

  private boolean reaches(Uid group, Predicate<Uid> wanted) {
    Set<Uid> seen = new HashSet<>(Set.of(group));
    Deque<Uid> above = new ArrayDeque<>(seen);
    while (!above.isEmpty()) {
      Uid next = above.remove();
      if (wanted.test(next)) {
        return true;
      }
      draft
          .rows()
          .eachGroupOf(
              next,
              found -> {
                if (seen.add(found)) {
                  above.add(found);
                }
                return true;
              });
    }
    return false;
  }

  private boolean hasGrantAboveModels(Uid group) {
    int[] seen = {0};
    boolean[] found = {false};
    draft
        .rows()
        .eachResourceGrantedTo(
            group,
            resource -> {
              seen[0]++;
              found[0] =
                  seen[0] > GRANTS_MAX
                      || draft
                          .nameOfResource(resource)
                          .flatMap(draft.profile()::kindOf)
                          .filter(this::isAboveModels)
                          .isPresent();
              return !found[0];
            });
    return found[0];
  }

  /** Whether models can be in a resource of that kind, which is none itself. */
  private boolean isAboveModels(Kind kind) {
    return !isAtModels(kind)
        && draft.profile().kindsWithin(kind).stream().anyMatch(this::isAtModels);
  }

  private boolean isAtModels(Kind kind) {
    long needed = draft.profile().action(PREDICT).map(verb -> verb.on(kind)).orElse(0L);
    return needed != 0 && (kind.permissions() & needed) == needed;
  }

  private boolean hasTypeRight(Uid group) {
    boolean[] found = {false};
    draft
        .rows()
        .eachTypeRight(
            Optional.of(group),
            row -> {
              found[0] = true;
              return false;
            });
    return found[0];
  }
}
