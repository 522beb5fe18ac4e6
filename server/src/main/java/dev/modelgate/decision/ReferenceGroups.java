package dev.modelgate.decision;

import dev.modelgate.model.PrincipalName;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** The group graph of a {@link ReferenceWorld}. */
final class ReferenceGroups {
  private static final int NESTING_MAX = 32;

  private ReferenceGroups() {}

  /** The active groups that hold the member through active groups only. */
  static Set<PrincipalName> activeGroupsOf(ReferenceWorld world, PrincipalName member) {
    Set<PrincipalName> found = new LinkedHashSet<>();
    Set<PrincipalName> members = Set.of(member);
    for (int depth = 0; depth < NESTING_MAX && !members.isEmpty(); depth++) {
      Set<PrincipalName> next = new HashSet<>();
      for (PrincipalName inner : members) {
        for (PrincipalName group : world.directGroups(inner)) {
          if (world.groupIsActive(group) && found.add(group)) {
            next.add(group);
          }
        }
      }
      members = next;
    }
    return found;
  }
}
