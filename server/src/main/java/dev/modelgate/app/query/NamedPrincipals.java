package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Accounts that are named one by one, of groups their members; everybody as soon as they are too
 * many, or a set is named that has no members by name. Not for use by several threads.
 */
final class NamedPrincipals {
  private static final Set<Uid> WITHOUT_RECORD =
      Set.of(Uid.ORGANIZATION, Uid.ALL_AUTHENTICATED_USERS, Uid.ALL_USERS);

  private final Source source;
  private final NavigableSet<Uid> few = new TreeSet<>();
  private final Set<Uid> groups = new HashSet<>();
  private boolean everybody;

  /** Where members and grants are looked up, with a bound for all that look there. */
  static final class Source {
    /** The most rows that are looked at to find out who; with more it is everybody. */
    static final int ROWS_MAX = 10_000;

    private final OrgRows rows;
    private int left = ROWS_MAX;

    Source(OrgRows rows) {
      this.rows = rows;
    }

    private boolean take() {
      return left-- > 0;
    }
  }

  /** Nobody yet. */
  NamedPrincipals(Source source) {
    this.source = source;
  }

  boolean isEverybody() {
    return everybody;
  }

  boolean has(Uid account) {
    return everybody || few.contains(account);
  }

  /** Those named, by uid; nobody when it is everybody. */
  NavigableSet<Uid> few() {
    return few;
  }

  void addEverybody() {
    everybody = true;
    few.clear();
  }

  void add(Uid principal) {
    Deque<Uid> open = new ArrayDeque<>();
    name(principal, open);
    while (!everybody && !open.isEmpty()) {
      source.rows.eachMemberOf(
          open.remove(),
          row -> {
            name(row.member(), open);
            return !everybody;
          });
    }
  }

  /**
   * Adds all to whom anything is given at, above or below a place: by a grant, or by a type right
   * wherever it reaches.
   *
   * @param place a resource, which need not be registered
   */
  void addGiven(ResourceName place) {
    for (int level = 0; level < place.depth(); level++) {
      source.rows.resource(place.relativePathAt(level)).ifPresent(this::addGrantedOn);
    }
    PathSpan below = PathSpan.below(place.relativePath());
    if (!everybody) {
      source.rows.each(
          Table.RESOURCES,
          below.prefix(),
          below.from(),
          (key, value) -> ResourceRow.decode(value),
          row -> {
            addGrantedOn(row);
            return !everybody;
          });
    }
    if (!everybody) {
      source.rows.eachTypeRight(
          Optional.empty(),
          row -> {
            add(row.principal());
            return !everybody;
          });
    }
  }

  private void addGrantedOn(ResourceRow resource) {
    if (!source.take()) {
      addEverybody();
    }
    if (!everybody) {
      source.rows.eachGrantOf(
          resource.uid(),
          grant -> {
            add(grant.principal());
            return !everybody;
          });
    }
  }

  private void name(Uid principal, Deque<Uid> open) {
    if (!source.take() || principal.isSet() && !isGroup(principal)) {
      addEverybody();
    } else if (!everybody && !principal.isSet()) {
      few.add(principal);
    } else if (!everybody && groups.add(principal)) {
      open.add(principal);
    }
  }

  private boolean isGroup(Uid set) {
    return !WITHOUT_RECORD.contains(set)
        && source
            .rows
            .principalName(set)
            .filter(row -> row.name().kind() == PrincipalKind.GROUP)
            .isPresent();
  }
}
