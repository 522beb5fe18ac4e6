package dev.modelgate.app.check;

import java.util.List;

/**
 * Everything that a principal may do on a resource.
 *
 * @param actions sorted
 * @param revision the token of the moment at which this holds
 * @param validUntilMicros the earliest time at which a recomputation could differ
 */
public record Actions(List<String> actions, String revision, long validUntilMicros) {
  /** Copies the list. */
  public Actions {
    actions = List.copyOf(actions);
  }
}
