package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrgRows;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The grants on a resource as far as they are for sets of accounts.
 *
 * @param rows by principal; null where they are not known: for a resource that was not asked for
 *     often enough, or has too many
 * @param walk how many grants may be walked when it is asked for again; 0 for no walk
 * @param singles whether there may be grants to single accounts
 * @param asked how often they were asked for, one number; a race loses some, and puts off a walk
 */
record SetGrants(@Nullable Map<Uid, GrantRow> rows, int walk, boolean singles, int[] asked) {
  /** The most grants of a resource that are walked to find those to sets. */
  static final int WALK_MAX = 1_024;

  /** So many are walked when the resource is asked for again. */
  static final int WALK_AT_FIRST = 8;

  /**
   * One with more is walked when it was asked for so often: by then as much was spent on reading
   * its grants to sets one by one.
   */
  static final int ASKED_BEFORE_WALK = 64;

  /** Nothing is known. */
  static SetGrants unknown(int walk) {
    return new SetGrants(null, walk, true, new int[1]);
  }

  /**
   * Walks the grants of a resource; not known when they are more than may be walked this time.
   *
   * @throws dev.modelgate.store.StoreException when they cannot be read
   */
  static SetGrants read(OrgRows stored, Uid resource, int max) {
    Map<Uid, GrantRow> sets = new HashMap<>();
    int[] count = new int[2];
    stored.each(
        Table.GRANTS,
        GrantRow.prefix(resource),
        new byte[0],
        (key, value) -> {
          Uid principal = principalOf(key);
          if (principal.isSet()) {
            sets.put(principal, GrantRow.decode(key, value));
          } else {
            count[1]++;
          }
          return key;
        },
        key -> ++count[0] <= max);
    if (count[0] > max) {
      return unknown(max < WALK_MAX ? WALK_MAX : 0);
    }
    return new SetGrants(Map.copyOf(sets), 0, count[1] > 0, new int[1]);
  }

  /** Whether now is the time to walk. */
  boolean isWalkDue() {
    return walk > 0 && (walk == WALK_AT_FIRST || ++asked[0] > ASKED_BEFORE_WALK);
  }

  /** Whether asking more often makes no more known. */
  boolean isSettled() {
    return walk == 0;
  }

  /** The same on a resource with grants to single accounts. */
  SetGrants withSingles() {
    return singles ? this : new SetGrants(rows, walk, true, asked);
  }

  /** The grants of an account on the resource that this is about, read where they are not known. */
  Optional<GrantRow> of(Uid account, Uid resource, FactRows stored) {
    if (account.isSet() && rows != null) {
      return rows.isEmpty() ? Optional.empty() : Optional.ofNullable(rows.get(account));
    }
    return account.isSet() || singles ? stored.pair(resource, account) : Optional.empty();
  }

  /** What the rows cost, in bytes, about. */
  int weight() {
    int weight = 0;
    if (rows != null) {
      for (GrantRow row : rows.values()) {
        weight += 120 + 80 * row.grants().size();
      }
    }
    return weight;
  }

  private static Uid principalOf(byte[] grantKey) {
    ByteReader pair = new ByteReader(grantKey);
    pair.fixed64();
    return new Uid(pair.fixed64());
  }
}
