package dev.modelgate.decision;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Profile;
import java.util.List;
import java.util.Set;

/**
 * One organization at one moment, in names: all that {@link ReferenceEvaluator} asks about.
 *
 * <p>A name stands for whoever bears it now. What belonged to a deleted bearer of the name is not
 * there, however the world stores it (hazard 13).
 */
public interface ReferenceWorld {
  /** What the words mean here. */
  Profile profile();

  /** Whether the organization cannot be read safely (hazard 12). */
  boolean organizationRestricted();

  /** Whether the whole organization is switched off. */
  boolean organizationSuspended();

  /** What the directory says of a user, service account, app or group. */
  Account account(PrincipalName principal);

  /** The groups that hold the principal directly, disabled ones too, deleted ones not. */
  Set<PrincipalName> directGroups(PrincipalName member);

  /** Whether the group gives its members anything: it exists and is not disabled. */
  boolean groupIsActive(PrincipalName group);

  /** Whether the principal itself is switched off. */
  boolean isSuspended(PrincipalName principal);

  /** Whether the resource itself is switched off. */
  boolean isSuspended(ResourceName resource);

  /** Whether the resource has a record. */
  boolean isRegistered(ResourceName resource);

  /** Everything granted to that principal itself on that resource itself, live or not. */
  List<PlainGrant> grants(ResourceName resource, PrincipalName principal);

  /** What a directory says of a name. */
  enum Account {
    ABSENT,
    ACTIVE,
    DISABLED
  }

  /**
   * A grant in names.
   *
   * @param role the name of the role; empty for single permissions
   * @param permissions the names of single permissions; empty with a role
   * @param canUseData whether it gives data permissions
   * @param notBeforeMicros from when it holds, inclusive
   * @param expiresAtMicros until when it holds, exclusive
   */
  record PlainGrant(
      String role,
      Set<String> permissions,
      boolean canUseData,
      long notBeforeMicros,
      long expiresAtMicros) {
    /** Copies the set. */
    public PlainGrant {
      permissions = Set.copyOf(permissions);
    }
  }
}
