package dev.modelgate.app.state;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Lets a key into a cache that is full only when it comes again soon: what is asked once would push
 * out what is asked often, and putting it there and taking it out costs more than reading it did. A
 * cache that has never been full takes everything.
 *
 * <p>Remembers one hash in each of {@value #SLOTS} slots, 256 KiB, the last one that came by: so a
 * key counts as come again for about as many others. Two keys of one hash cost each other a place
 * in the cache, never an answer. Source: the doorkeeper of Einziger, Friedman and Manes, TinyLFU
 * (ACM Transactions on Storage 13/4, 2017). Thread-safe.
 */
public final class Doorkeeper {
  static final int SLOTS = 1 << 16;

  private final AtomicIntegerArray seen = new AtomicIntegerArray(SLOTS);
  private volatile boolean full;

  /** Something had to go for want of room. */
  public void full() {
    if (!full) {
      full = true;
    }
  }

  /**
   * Whether a key may be put.
   *
   * @param hash the key's own, well mixed
   */
  public boolean admits(int hash) {
    if (!full) {
      return true;
    }
    int slot = hash & SLOTS - 1;
    if (seen.getPlain(slot) == hash) {
      return true;
    }
    seen.setPlain(slot, hash);
    return false;
  }
}
