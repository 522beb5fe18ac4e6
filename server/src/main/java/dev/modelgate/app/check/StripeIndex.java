package dev.modelgate.app.check;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which watches stand on a stripe: a hash table of lists, so that a change costs what it concerns
 * and not what is watched. Not thread-safe.
 *
 * <p>The lists are doubly linked through their entries, for a watch that many share a stripe with
 * must come and go without a search. Stripes are hashes already, so their low bits choose the list.
 */
final class StripeIndex {
  private static final int LISTS = 1 << 16;

  private final @Nullable Entry[] first = new @Nullable Entry[LISTS];

  /** A watch in one list. About 32 bytes. */
  static final class Entry {
    private final AccessWatch watch;
    private final int stripe;
    private @Nullable Entry before;
    private @Nullable Entry after;

    private Entry(AccessWatch watch, int stripe) {
      this.watch = watch;
      this.stripe = stripe;
    }
  }

  /**
   * Puts a watch on stripes.
   *
   * @param stripes each once
   * @return what takes it off again
   */
  Entry[] add(AccessWatch watch, int[] stripes) {
    Entry[] entries = new Entry[stripes.length];
    for (int i = 0; i < stripes.length; i++) {
      entries[i] = linked(new Entry(watch, stripes[i]));
    }
    return entries;
  }

  /** Takes a watch off; entries that are off already must not be given again. */
  void remove(Entry[] entries) {
    for (Entry entry : entries) {
      Entry before = entry.before;
      Entry after = entry.after;
      if (before == null) {
        first[list(entry.stripe)] = after;
      } else {
        before.after = after;
      }
      if (after != null) {
        after.before = before;
      }
    }
  }

  /** Names each watch on a stripe, which may not come or go meanwhile. */
  void each(int stripe, Consumer<AccessWatch> watches) {
    for (Entry at = first[list(stripe)]; at != null; at = at.after) {
      if (at.stripe == stripe) {
        watches.accept(at.watch);
      }
    }
  }

  private Entry linked(Entry entry) {
    int list = list(entry.stripe);
    Entry head = first[list];
    entry.after = head;
    if (head != null) {
      head.before = entry;
    }
    first[list] = entry;
    return entry;
  }

  private static int list(int stripe) {
    return stripe & LISTS - 1;
  }
}
