package dev.modelgate.proof;

import dev.modelgate.decision.ReferenceWorld.Account;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.row.PrincipalRow;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Who there is, and who there was: a name is borne by one after the other, and what is kept of
 * somebody is kept of the bearer, never of the name.
 */
final class PlainDirectory {
  private final Map<PrincipalName, Bearer> living = new HashMap<>();
  private final Map<PrincipalName, Bearer> deleted = new HashMap<>();
  private final Map<Bearer, Boolean> active = new HashMap<>();

  /**
   * Somebody of that name.
   *
   * @param number which of those who had it, from 1; 0 for a set that needs no record
   */
  record Bearer(PrincipalName name, int number) {}

  PlainDirectory copy() {
    PlainDirectory copy = new PlainDirectory();
    copy.living.putAll(living);
    copy.deleted.putAll(deleted);
    copy.active.putAll(active);
    return copy;
  }

  Set<PrincipalName> names() {
    return living.keySet();
  }

  /** The names that are deleted and not made anew. */
  Set<PrincipalName> deletedNames() {
    Set<PrincipalName> names = new HashSet<>(deleted.keySet());
    names.removeAll(living.keySet());
    return names;
  }

  Account account(PrincipalName name) {
    Bearer bearer = living.get(name);
    if (bearer == null) {
      return deleted.containsKey(name) ? Account.DELETED : Account.ABSENT;
    }
    return active.getOrDefault(bearer, true) ? Account.ACTIVE : Account.DISABLED;
  }

  /** Whoever bears the name; empty for one without a record. */
  Optional<Bearer> find(PrincipalName name) {
    return isSetWithoutRecord(name)
        ? Optional.of(new Bearer(name, 0))
        : Optional.ofNullable(living.get(name));
  }

  /** Whether a grant to that bearer or a membership of it says anything now. */
  boolean isLiving(Bearer bearer) {
    return bearer.number() == 0 || bearer.equals(living.get(bearer.name()));
  }

  /** Whoever bears the name, made if need be. */
  Bearer named(PrincipalName name) {
    return find(name).orElseGet(() -> make(name));
  }

  /** Puts a principal; an empty state is as it is, or active for a new one. */
  void put(PrincipalName name, Optional<PrincipalRow.State> state) {
    Bearer bearer = find(name).orElseGet(() -> make(name));
    state.ifPresent(said -> active.put(bearer, said == PrincipalRow.State.ACTIVE));
  }

  void delete(PrincipalName name) {
    Bearer bearer = living.remove(name);
    if (bearer != null) {
      deleted.put(name, bearer);
    }
  }

  /** Notes that somebody of that name was deleted elsewhere. */
  void bury(PrincipalName name) {
    deleted.putIfAbsent(name, new Bearer(name, 1));
  }

  /** Has the last bearer of a name bear it again. */
  void restore(PrincipalName name) {
    living.put(name, Objects.requireNonNull(deleted.get(name)));
  }

  private Bearer make(PrincipalName name) {
    Bearer last = deleted.get(name);
    Bearer made = new Bearer(name, last == null ? 1 : last.number() + 1);
    living.put(name, made);
    return made;
  }

  private static boolean isSetWithoutRecord(PrincipalName name) {
    return switch (name.kind()) {
      case ORGANIZATION, ALL_USERS, ALL_AUTHENTICATED_USERS -> true;
      default -> false;
    };
  }
}
