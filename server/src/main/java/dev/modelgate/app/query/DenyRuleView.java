package dev.modelgate.app.query;

import dev.modelgate.model.ResourceName;
import java.time.Instant;
import java.util.List;

/**
 * A deny rule as administrators see it; lists are sorted.
 *
 * @param principals whom it denies, those apart that are deleted
 * @param exceptions whom it does not deny
 * @param permissions what it denies
 * @param scope where it denies, at and below
 * @param condition empty for always
 */
public record DenyRuleView(
    String id,
    String description,
    List<String> principals,
    List<String> exceptions,
    List<String> permissions,
    ResourceName scope,
    String condition,
    String etag,
    Instant changedAt) {
  /** Copies the lists. */
  public DenyRuleView {
    principals = List.copyOf(principals);
    exceptions = List.copyOf(exceptions);
    permissions = List.copyOf(permissions);
  }
}
