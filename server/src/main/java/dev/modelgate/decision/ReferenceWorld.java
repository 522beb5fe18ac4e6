package dev.modelgate.decision;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
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

  /** The groups that a token claims for that link of the chain, there or not. */
  default Set<PrincipalName> claimedGroups(PrincipalName link) {
    return Set.of();
  }

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

  /** The rights of a principal itself for a kind. */
  default List<PlainTypeRight> typeRights(PrincipalName holder, String kind) {
    return List.of();
  }

  /** The deny rules that stand on that resource itself. */
  default List<PlainDenyRule> denyRules(ResourceName scope) {
    return List.of();
  }

  /** What is known of the resource itself; {@link PlainState#NONE} for one without a record. */
  default PlainState state(ResourceName resource) {
    return PlainState.NONE;
  }

  /** The unit of the principal itself; the whole organization for one without a record. */
  default UnitName unit(PrincipalName principal) {
    return UnitName.ROOT;
  }

  /** Whether the organization has that feature of its profile on. */
  default boolean isFeatureOn(String feature) {
    return profile().states().features().getOrDefault(feature, false);
  }

  /** What conditions come to when that link of the chain asks. */
  default Conditions conditions(PrincipalName link) {
    return Conditions.UNKNOWN;
  }

  /**
   * What is known of a resource.
   *
   * @param type what it is within its kind; may be empty
   * @param unit where it belongs
   * @param flags the state flags that it has
   */
  record PlainState(String type, UnitName unit, Set<String> flags) {
    /** Nothing. */
    public static final PlainState NONE = new PlainState("", UnitName.ROOT, Set.of());

    /** Copies the set. */
    public PlainState {
      flags = Set.copyOf(flags);
    }
  }

  /** A right for a whole kind. */
  record PlainTypeRight(Set<String> permissions, Depth depth, Set<Effect> effects) {
    /** Copies the sets. */
    public PlainTypeRight {
      permissions = Set.copyOf(permissions);
      effects = Set.copyOf(effects);
    }
  }

  /**
   * A rule that denies.
   *
   * @param condition empty for always
   */
  record PlainDenyRule(
      Set<PrincipalName> principals,
      Set<PrincipalName> exceptions,
      Set<String> permissions,
      String condition) {
    /** Copies the sets. */
    public PlainDenyRule {
      principals = Set.copyOf(principals);
      exceptions = Set.copyOf(exceptions);
      permissions = Set.copyOf(permissions);
    }
  }

  /** What a directory says of a name. */
  enum Account {
    ABSENT,
    ACTIVE,
    DISABLED,
    /** Its last bearer was deleted, and nobody bears it now. */
    DELETED
  }

  /**
   * A grant in names.
   *
   * @param role the name of the role; empty for single permissions
   * @param permissions the names of single permissions; empty with a role
   * @param canUseData whether it gives data permissions
   * @param notBeforeMicros from when it holds, inclusive
   * @param expiresAtMicros until when it holds, exclusive
   * @param condition under which it counts; empty for always
   */
  record PlainGrant(
      String role,
      Set<String> permissions,
      boolean canShare,
      boolean canUseData,
      long notBeforeMicros,
      long expiresAtMicros,
      String condition) {
    /** One without a condition and without can_share. */
    public PlainGrant(
        String role,
        Set<String> permissions,
        boolean canUseData,
        long notBeforeMicros,
        long expiresAtMicros) {
      this(role, permissions, false, canUseData, notBeforeMicros, expiresAtMicros, "");
    }

    /** Copies the set. */
    public PlainGrant {
      permissions = Set.copyOf(permissions);
    }
  }
}
