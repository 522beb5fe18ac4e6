package dev.modelgate.model.profile;

import dev.modelgate.model.PrincipalKind;
import java.util.Set;

/**
 * Which grants take neither a condition nor a time. An owner's never does, whatever stands here.
 *
 * @param roles the names of the roles whose grants take none
 * @param recipients the kinds of principals to whom no grant takes one
 */
public record ConditionRules(Set<String> roles, Set<PrincipalKind> recipients) {
  /** What holds where a profile says nothing. */
  public static final ConditionRules DEFAULT = new ConditionRules(Set.of(), Set.of());

  /** Copies the sets. */
  public ConditionRules {
    roles = Set.copyOf(roles);
    recipients = Set.copyOf(recipients);
  }

  /**
   * Whether a grant of the role to such a principal may have a condition or a time.
   *
   * @param role the role's name; empty for a raw set of permissions
   */
  public boolean allow(String role, PrincipalKind recipient) {
    return !roles.contains(role) && !recipients.contains(recipient);
  }
}
