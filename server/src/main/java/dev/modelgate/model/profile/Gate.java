package dev.modelgate.model.profile;

import java.util.Map;
import java.util.Set;

/**
 * A state in which a resource, and everything below it, does not do certain things, whoever asks:
 * not published, switched off, never run.
 *
 * @param reason what a denial says, in UPPER_SNAKE
 * @param kinds the names of the kinds whose state is looked at
 * @param types the types of such a resource that are meant; empty for all
 * @param flags what the resource's state flags must be for the gate to be closed, each declared
 * @param features what the organization's features must be for it to be closed, each declared
 * @param closes the mask of permissions that it closes
 * @param unless the permissions whose holders, of any, pass a closed gate; 0 for nobody
 * @param exemptsOwner whether owners of the resource pass it
 */
public record Gate(
    String reason,
    Set<String> kinds,
    Set<String> types,
    Map<String, Boolean> flags,
    Map<String, Boolean> features,
    long closes,
    long unless,
    boolean exemptsOwner) {
  /** Copies the collections. */
  public Gate {
    kinds = Set.copyOf(kinds);
    types = Set.copyOf(types);
    flags = Map.copyOf(flags);
    features = Map.copyOf(features);
  }

  /**
   * Whether a resource in that state closes it.
   *
   * @param kind the resource's kind
   * @param type its type; empty for none
   * @param raised the state flags that it has
   * @param off the features that the organization has switched off
   */
  public boolean isClosed(Kind kind, String type, Set<String> raised, Set<String> off) {
    if (!kinds.contains(kind.name()) || !types.isEmpty() && !types.contains(type)) {
      return false;
    }
    for (Map.Entry<String, Boolean> flag : flags.entrySet()) {
      if (raised.contains(flag.getKey()) != flag.getValue()) {
        return false;
      }
    }
    for (Map.Entry<String, Boolean> feature : features.entrySet()) {
      if (off.contains(feature.getKey()) == feature.getValue()) {
        return false;
      }
    }
    return true;
  }
}
