package dev.modelgate.model.profile;

import java.util.Set;

/**
 * A fact about a resource that the platform reports and gates look at: {@code published}.
 *
 * @param name unique in the profile
 * @param kinds the names of the kinds that can have it
 * @param needs the permissions, all of them, without which nobody writes it: what is open through a
 *     gate is as good as granted (hazard 31)
 */
public record Flag(String name, Set<String> kinds, long needs) {
  /** Copies the set. */
  public Flag {
    kinds = Set.copyOf(kinds);
  }
}
