package dev.modelgate.app.query;

import dev.modelgate.app.state.FactRows;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Who can be allowed something on a resource at all, by uid.
 *
 * <p>Whatever is allowed is given: by a grant on the resource or on one above it, or by a type
 * right that allows, to the caller or to a set that he is in. So as long as few are named, and few
 * are in the groups named, only these have to be looked at; else everybody in the directory, and
 * also where the whole organization, a domain or everybody is named. Either way each principal is
 * decided by himself: this leaves out, it never lets in.
 */
final class PrincipalCandidates {
  /** The most rows that are looked at to find out; also the most candidates that are held. */
  static final int ROWS_MAX = 5_000;

  private static final byte[] EMPTY = {};
  private static final List<Uid> WITHOUT_RECORD =
      List.of(Uid.ORGANIZATION, Uid.ALL_AUTHENTICATED_USERS, Uid.ALL_USERS);

  private final Reading reading;
  private final NavigableSet<Uid> few = new TreeSet<>(WITHOUT_RECORD);
  private int left = ROWS_MAX;
  private boolean everybody;

  /** The candidates for a resource of that kind. */
  PrincipalCandidates(Reading reading, FactRows rows, ResourceName resource, Kind kind) {
    this.reading = reading;
    Deque<Uid> groups = new ArrayDeque<>();
    for (int level = 0; level < resource.depth(); level++) {
      Optional<ResourceRow> row = rows.resource(resource.relativePathAt(level));
      if (row.isPresent()) {
        reading.rows().eachGrantOf(row.get().uid(), grant -> add(grant.principal(), groups));
      }
    }
    reading
        .org()
        .rules()
        .typeRights()
        .forEach(
            (key, right) -> {
              boolean allows = right.rights().stream().anyMatch(r -> r.has(Effect.ALLOWS));
              if (allows && key.kind().equals(kind.name())) {
                add(key.principal(), groups);
              }
            });
    while (!groups.isEmpty() && !everybody) {
      reading.rows().eachMemberOf(groups.remove(), row -> add(row.member(), groups));
    }
  }

  /**
   * Walks the candidates behind a uid, until the visitor answers false.
   *
   * @param behind {@link Uid#NONE} for all
   */
  void each(Uid behind, Predicate<Uid> visitor) {
    for (Uid uid : everybody ? WITHOUT_RECORD : few.tailSet(behind, false)) {
      if (uid.compareTo(behind) > 0 && !visitor.test(uid)) {
        return;
      }
    }
    if (everybody) {
      reading
          .rows()
          .each(
              Table.PRINCIPAL_UIDS,
              EMPTY,
              PrincipalUidRow.key(new Uid(behind.value() + 1)),
              (key, value) -> PrincipalUidRow.decode(value).uid(),
              visitor);
    }
  }

  /** Takes a principal in, and notes a group for its members; false when it has to be everybody. */
  private boolean add(Uid uid, Deque<Uid> groups) {
    boolean isGroup = uid.isSet() && kind(uid) == PrincipalKind.GROUP;
    everybody |= left-- <= 0 || uid.isSet() && !isGroup;
    if (!everybody && few.add(uid) && isGroup) {
      groups.add(uid);
    }
    return !everybody;
  }

  private PrincipalKind kind(Uid uid) {
    return reading.names().principal(uid).name().kind();
  }
}
