package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.store.row.GrantRow;
import java.util.Map;
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

  /** Whether now is the time to walk. */
  boolean isWalkDue() {
    return walk > 0 && (walk == WALK_AT_FIRST || ++asked[0] > ASKED_BEFORE_WALK);
  }
}
