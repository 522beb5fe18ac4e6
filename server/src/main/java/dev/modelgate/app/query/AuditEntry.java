package dev.modelgate.app.query;

import dev.modelgate.app.audit.TrailEntry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One committed change set as the audit shows it, what the filter admits of it and the requester
 * may see; or one event of the trail.
 *
 * @param event with the first changes only; of the trail's event, who and when
 * @param changeCount how many changes there are in all
 * @param kinds what they are about
 * @param resources the first full names that they are about
 * @param principals the first that they name
 * @param trail the event of the trail; empty for a change set
 */
public record AuditEntry(
    ChangeEvent event,
    int changeCount,
    Set<AuditKind> kinds,
    List<String> resources,
    List<String> principals,
    Optional<TrailEntry> trail) {
  /** Copies the collections. */
  public AuditEntry {
    kinds = Set.copyOf(kinds);
    resources = List.copyOf(resources);
    principals = List.copyOf(principals);
  }

  /** When it was. */
  Instant at() {
    return event.at();
  }
}
