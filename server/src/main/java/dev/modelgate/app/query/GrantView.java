package dev.modelgate.app.query;

import dev.modelgate.model.ResourceName;
import dev.modelgate.store.row.Grant;
import java.time.Instant;
import java.util.List;

/**
 * One grant with names.
 *
 * @param principal to whom
 * @param role the role's name; empty for single permissions
 * @param permissions sorted; empty for a role
 * @param notBeforeMicros from when, inclusive; 0 for always
 * @param expiresAtMicros until when, exclusive; {@link dev.modelgate.store.Micros#NEVER} for ever
 * @param condition a CEL expression; empty for always
 * @param grantedBy a principal, or {@code systemAdministrator}
 */
public record GrantView(
    ResourceName resource,
    String principal,
    String role,
    List<String> permissions,
    boolean canShare,
    boolean canUseData,
    long notBeforeMicros,
    long expiresAtMicros,
    String note,
    String condition,
    Grant.Origin origin,
    String grantedBy,
    Instant grantedAt) {
  /** Copies the list. */
  public GrantView {
    permissions = List.copyOf(permissions);
  }
}
