package dev.modelgate.app.check;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Has keys of the cache that name the same principal or model share one text, as far as it can. A
 * name is in as many keys as it has pairs, and a hit compares both names to the end: a few texts
 * that are asked for all the time stay in the processor's cache, one for each key does not.
 *
 * <p>Remembers one name in each of {@value #SLOTS} slots, the last one that came by; at most
 * {@value #CHARS_MAX} characters each, so 600 KiB. Thread-safe.
 */
final class SharedNames {
  private static final int SLOT_BITS = 12;
  static final int SLOTS = 1 << SLOT_BITS;

  /** Longer names keep a text of their own. */
  static final int CHARS_MAX = 128;

  private final AtomicReferenceArray<@Nullable String> names = new AtomicReferenceArray<>(SLOTS);

  /** The key with texts that others may have. */
  CacheKey shared(CacheKey key) {
    return new CacheKey(key.org(), shared(key.principal()), shared(key.model()));
  }

  /** An equal text. */
  String shared(String name) {
    if (name.length() > CHARS_MAX) {
      return name;
    }
    int hash = name.hashCode() * 0x9e3779b9;
    int slot = hash >>> Integer.SIZE - SLOT_BITS;
    // Plain, for a text is safe to hand over without more.
    String known = names.getPlain(slot);
    if (name.equals(known)) {
      return known;
    }
    names.setPlain(slot, name);
    return name;
  }
}
