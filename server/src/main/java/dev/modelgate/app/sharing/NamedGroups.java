package dev.modelgate.app.sharing;

import dev.modelgate.model.Uid;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which groups a type right, a ceiling, a deny rule or an exception names, themselves or through a
 * group that they are in. Who is in one of these is for the administrators of the organization
 * alone, leaving included: who leaves a group that a rule denies, or a ceiling bounds, gains
 * (hazard 30).
 */
final class NamedGroups {
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
    Set<Uid> seen = new HashSet<>(Set.of(group));
    Deque<Uid> above = new ArrayDeque<>(seen);
    while (!above.isEmpty()) {
      Uid next = above.remove();
      if (inDenyRules.contains(next) || hasTypeRight(next)) {
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
