package dev.modelgate.app.check;

import dev.modelgate.model.Uid;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * What is looked up: the names as they were asked, so that a hit needs no parsing. Two spellings of
 * a resource (relative and full) are two keys with the same value. The whole key is compared on a
 * hit, never a hash alone.
 *
 * @param org the organization of the resource, by identity: one that is made again shares nothing
 * @param principal the raw name of the caller
 * @param model the raw name of the resource; the default parent that completes it is fixed for the
 *     process
 */
record CacheKey(Uid org, String principal, String model) implements Comparable<CacheKey> {
  private static final Comparator<CacheKey> ORDER =
      Comparator.comparing(CacheKey::org)
          .thenComparing(CacheKey::principal)
          .thenComparing(CacheKey::model);

  /**
   * The finalizer of MurmurHash3, 64 bits, over the parts. A record's own is a sum of multiples of
   * 31, and so is that of a text: thousands of numbered users and models then share a few hashes,
   * and every lookup compares names with dozens of others.
   */
  @Override
  public int hashCode() {
    long h = (long) principal.hashCode() << 32 | model.hashCode() & 0xffff_ffffL;
    h ^= org.value() * 0x9e3779b97f4a7c15L;
    h ^= h >>> 33;
    h *= 0xff51afd7ed558ccdL;
    h ^= h >>> 33;
    h *= 0xc4ceb9fe1a85ec53L;
    return (int) (h ^ h >>> 32);
  }

  /** Written out, for each hit takes it, and a record's own goes through method handles. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CacheKey key
        && principal.equals(key.principal)
        && model.equals(key.model)
        && org.value() == key.org.value();
  }

  /** Any total order: by it the cache's table finds its way among names chosen to share a hash. */
  @Override
  public int compareTo(CacheKey other) {
    return ORDER.compare(this, other);
  }

  /**
   * What an entry of this key costs, in bytes, about: two strings, the records, the stripes, the
   * table's node.
   */
  int weight() {
    return 320 + principal.length() + model.length();
  }
}
