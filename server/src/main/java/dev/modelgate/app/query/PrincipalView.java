package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.UnitName;
import dev.modelgate.store.row.PrincipalRow.GroupType;
import java.time.Instant;
import java.util.Optional;

/**
 * A principal, as administrators see it.
 *
 * @param uid in hexadecimal
 * @param groupType {@link GroupType#NONE} for all but groups, and for deleted ones
 * @param unit whose type rights reach from there
 * @param etag empty for a deleted one
 * @param createdAt empty for a deleted one, of which only name and uid are kept
 * @param changedAt when it was last changed, or deleted
 */
public record PrincipalView(
    PrincipalName name,
    String uid,
    State state,
    GroupType groupType,
    String displayName,
    UnitName unit,
    String etag,
    Optional<Instant> createdAt,
    Instant changedAt,
    Optional<SuspensionView> suspension) {

  /** Whether it may act. */
  public enum State {
    ACTIVE,
    DISABLED,
    DELETED
  }
}
