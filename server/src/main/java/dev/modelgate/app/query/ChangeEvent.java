package dev.modelgate.app.query;

import java.time.Instant;
import java.util.List;

/**
 * One committed change set with names.
 *
 * @param revision the token of the revision that it made
 * @param actor what was authenticated: {@code systemAdministrator}
 * @param onBehalfOf the principal acted for; empty for nobody
 * @param requestId as given in the request; may be empty
 * @param changes in the order in which they apply; empty for a change that shows in no name, such
 *     as a sweep of rows that gave nothing any more
 */
public record ChangeEvent(
    String revision,
    String actor,
    String onBehalfOf,
    Instant at,
    String reason,
    String requestId,
    List<Change> changes) {
  /** Copies the list. */
  public ChangeEvent {
    changes = List.copyOf(changes);
  }
}
