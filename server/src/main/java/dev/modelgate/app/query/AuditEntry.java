package dev.modelgate.app.query;

import java.util.List;
import java.util.Set;

/**
 * One committed change set as the audit shows it: what the filter admits of it and the requester
 * may see.
 *
 * @param event with the first changes only
 * @param changeCount how many changes there are in all
 * @param kinds what they are about
 * @param resources the first full names that they are about
 * @param principals the first that they name
 */
public record AuditEntry(
    ChangeEvent event,
    int changeCount,
    Set<AuditKind> kinds,
    List<String> resources,
    List<String> principals) {
  /** Copies the collections. */
  public AuditEntry {
    kinds = Set.copyOf(kinds);
    resources = List.copyOf(resources);
    principals = List.copyOf(principals);
  }
}
