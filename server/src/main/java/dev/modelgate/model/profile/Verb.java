package dev.modelgate.model.profile;

import java.util.Map;

/**
 * What an action needs, all of it; on some kinds it may need other permissions than elsewhere.
 *
 * @param otherwise the mask of permissions on every collection that is not named
 * @param byCollection the masks on those that are, by the word before the id in a path
 */
public record Verb(long otherwise, Map<String, Long> byCollection) {
  /** Copies the map. */
  public Verb {
    byCollection = Map.copyOf(byCollection);
  }

  /** One that needs the same everywhere. */
  static Verb of(long mask) {
    return new Verb(mask, Map.of());
  }

  /** Whether it needs the same on every kind. */
  public boolean isUniform() {
    return byCollection.isEmpty();
  }

  /** What it needs on a resource of that kind. */
  public long on(Kind kind) {
    return in(kind.collection());
  }

  /** What it needs on a resource of that collection. */
  public long in(String collection) {
    Long mask = byCollection.get(collection);
    return mask == null ? otherwise : mask;
  }
}
