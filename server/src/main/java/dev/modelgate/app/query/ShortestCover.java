package dev.modelgate.app.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The fewest things that together have all needed permissions, and among as few the nearest ones.
 *
 * <p>For up to {@value #EXACT_MAX} needed permissions it is exact: the shortest way through the
 * sets of permissions covered so far. For more, one thing that has them all if there is one, else
 * each permission by itself.
 */
final class ShortestCover {
  private static final int EXACT_MAX = 10;
  private static final int ONE_MORE = 1_000;

  private ShortestCover() {}

  /**
   * Something that has permissions.
   *
   * @param length how far away it is; below {@value #ONE_MORE}
   */
  record Part<T>(long mask, int length, T what) {}

  /** The chosen things in the order given; empty when all together have not enough. */
  static <T> List<T> of(long needed, List<Part<T>> parts) {
    long[] goals = {needed};
    if (Long.bitCount(needed) > EXACT_MAX
        && parts.stream().noneMatch(part -> (part.mask() & needed) == needed)) {
      goals = singles(needed);
    }
    boolean[] chosen = new boolean[parts.size()];
    for (long goal : goals) {
      if (Long.bitCount(goal) > EXACT_MAX) {
        choose(nearest(goal, parts), chosen);
      } else if (!choose(cover(goal, parts), chosen)) {
        return List.of();
      }
    }
    List<T> all = new ArrayList<>();
    for (int i = 0; i < chosen.length; i++) {
      if (chosen[i]) {
        all.add(parts.get(i).what());
      }
    }
    return all;
  }

  private static boolean choose(int[] indexes, boolean[] chosen) {
    for (int index : indexes) {
      chosen[index] = true;
    }
    return indexes.length > 0;
  }

  private static long[] singles(long mask) {
    return IntStream.range(0, 64)
        .mapToLong(bit -> mask & 1L << bit)
        .filter(bit -> bit != 0)
        .toArray();
  }

  private static <T> int[] nearest(long goal, List<Part<T>> parts) {
    int best = -1;
    for (int i = 0; i < parts.size(); i++) {
      boolean has = (parts.get(i).mask() & goal) == goal;
      if (has && (best < 0 || parts.get(i).length() < parts.get(best).length())) {
        best = i;
      }
    }
    return new int[] {best};
  }

  /** Costs of the sets covered, over the bits of the goal; a part only ever adds bits. */
  private static <T> int[] cover(long goal, List<Part<T>> parts) {
    long[] bits = singles(goal);
    int all = (1 << bits.length) - 1;
    int[] cost = new int[all + 1];
    int[] from = new int[all + 1];
    int[] by = new int[all + 1];
    Arrays.fill(cost, Integer.MAX_VALUE);
    cost[0] = 0;
    for (int covered = 0; covered < all; covered++) {
      for (int i = 0; cost[covered] < Integer.MAX_VALUE && i < parts.size(); i++) {
        int next = covered | small(parts.get(i).mask(), bits);
        int price = cost[covered] + ONE_MORE + parts.get(i).length();
        if (next > covered && price < cost[next]) {
          cost[next] = price;
          from[next] = covered;
          by[next] = i;
        }
      }
    }
    if (cost[all] == Integer.MAX_VALUE) {
      return new int[0];
    }
    int[] chosen = new int[bits.length];
    int count = 0;
    for (int at = all; at != 0; at = from[at]) {
      chosen[count++] = by[at];
    }
    return Arrays.copyOf(chosen, count);
  }

  private static int small(long mask, long[] bits) {
    int covered = 0;
    for (int i = 0; i < bits.length; i++) {
      covered |= (mask & bits[i]) != 0 ? 1 << i : 0;
    }
    return covered;
  }
}
