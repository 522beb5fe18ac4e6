package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * What a fact is about; compared whole, and hashed as the keys of answers are.
 *
 * @param name of a principal or a path, or empty
 * @param uid of a resource or group, or {@link Uid#NONE}
 */
record FactKey(Uid org, What what, String name, Uid uid) implements Comparable<FactKey> {
  private static final Comparator<FactKey> ORDER =
      Comparator.comparing(FactKey::org)
          .thenComparing(FactKey::what)
          .thenComparing(FactKey::name)
          .thenComparing(FactKey::uid);

  /** What can be remembered. */
  enum What {
    /** A {@link Caller}, by the name that was asked. */
    SUBJECT,
    /** {@link PathFacts}, by the name that was asked: two spellings are two keys. */
    PATH,
    /** An {@code Optional<ResourceRow>}, by its path below the organization. */
    RESOURCE,
    /** {@link SetGrants}, by the resource. */
    GRANTS,
    /** The groups that hold a group directly, a list of uids. */
    GROUPS,
    /** All groups above a group, an {@code Optional<Above>}, which is empty for too many. */
    ABOVE
  }

  @Override
  public int hashCode() {
    long h = (long) name.hashCode() << 32 | what.ordinal();
    h ^= org.value() * 0x9e3779b97f4a7c15L + uid.value();
    h ^= h >>> 33;
    h *= 0xff51afd7ed558ccdL;
    h ^= h >>> 33;
    h *= 0xc4ceb9fe1a85ec53L;
    return (int) (h ^ h >>> 32);
  }

  /** Written out, for each miss takes it, and a record's own goes through method handles. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FactKey key
        && what == key.what
        && uid.value() == key.uid.value()
        && org.value() == key.org.value()
        && name.equals(key.name);
  }

  /** Any total order: by it the table finds its way among names chosen to share a hash. */
  @Override
  public int compareTo(FactKey other) {
    return ORDER.compare(this, other);
  }
}
