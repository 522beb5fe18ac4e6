package dev.modelgate.model.profile;

import dev.modelgate.model.PrincipalKind;
import java.util.Map;
import java.util.Set;

/**
 * One kind of resource, as a profile declares it.
 *
 * @param name in the singular: {@code model}
 * @param collection the word before the id in a path: {@code models}; unique in the profile
 * @param parents the names of the kinds that it can live in; empty for the organization only
 * @param types what a resource of this kind can be, such as {@code text_classification}; empty when
 *     its type is any text
 * @param needsRecord whether a resource of this kind exists only when it was created; a version
 *     does not need one, its model does
 * @param inherits whether grants on the parent reach it
 * @param permissions the mask of all permissions that apply to it
 * @param dataPermissions the mask of those that a grant gives only with can_use_data, the owner's
 *     grant apart
 * @param sharePermissions the mask of those that a grant gives only with can_share, or to an owner;
 *     where can_share is not honoured it gives them without
 * @param rights the permissions, all of them, that each operation takes; an entry for every
 *     operation, 0 for one that only the system administrator may do
 * @param privileges whether type rights must let an action through
 * @param ceilings whether type rights bound what grants give
 * @param deletedLast a flag: a resource that has it is deleted only when it is the only one of its
 *     kind in its parent; empty for none
 * @param sharing how it is shared
 */
public record Kind(
    String name,
    String collection,
    Set<String> parents,
    Set<String> types,
    boolean needsRecord,
    boolean inherits,
    long permissions,
    long dataPermissions,
    long sharePermissions,
    Map<Operation, Long> rights,
    Privileges privileges,
    Ceilings ceilings,
    String deletedLast,
    Sharing sharing) {
  /** Copies the collections. */
  public Kind {
    parents = Set.copyOf(parents);
    types = Set.copyOf(types);
    rights = Map.copyOf(rights);
  }

  /** The permissions, all of them, that an operation takes; 0 when nobody has it. */
  public long right(Operation operation) {
    Long mask = rights.get(operation);
    return mask == null ? 0 : mask;
  }

  /** Whether something without which nothing works comes from type rights. */
  public enum Privileges {
    NONE,
    /** The union of the caller's privileges for the kind must hold the action. */
    REQUIRED
  }

  /** Whether type rights set a limit that no grant exceeds. */
  public enum Ceilings {
    NONE,
    /** Who has no ceiling for the kind may do nothing. */
    REQUIRED,
    /** Who has no ceiling for the kind is not limited. */
    IF_ANY
  }

  /**
   * How resources of a kind are shared.
   *
   * @param shareable whether grants can be made on them
   * @param owned whether they have owners; those that have none are their parent's
   * @param unshareableTypes the types of such resources that nothing but an owner's grant can be
   *     made on
   * @param links whether they can have external links
   * @param defaultRole the role of a grant that names none; empty when a role is required
   * @param roles the names of the roles that can be granted on them; empty for all
   * @param recipients the kinds of principals that they can be shared with
   * @param honoursCanShare whether the flag can_share of a grant has any meaning
   * @param sharesByPermission whether a grant that gives what the operation SHARE takes may be
   *     given on without can_share
   * @param ownersShare whether an owner may share also by a grant without can_share
   * @param keepsSharer whether one principal who may share must always remain, once there was one
   * @param keepsOwner whether the floor of the profile's switch {@code owners} holds for them
   * @param alwaysNotifies whether every share is an event, asked for or not
   */
  public record Sharing(
      boolean shareable,
      boolean owned,
      Set<String> unshareableTypes,
      boolean links,
      String defaultRole,
      Set<String> roles,
      Set<PrincipalKind> recipients,
      boolean honoursCanShare,
      boolean sharesByPermission,
      boolean ownersShare,
      boolean keepsSharer,
      boolean keepsOwner,
      boolean alwaysNotifies) {
    /** Copies the sets. */
    public Sharing {
      unshareableTypes = Set.copyOf(unshareableTypes);
      roles = Set.copyOf(roles);
      recipients = Set.copyOf(recipients);
    }

    /** Whether grants can be made on a resource of that type. */
    public boolean isShareable(String type) {
      return shareable && !unshareableTypes.contains(type);
    }

    /** Whether a role can be granted. */
    public boolean offers(String role) {
      return roles.isEmpty() || roles.contains(role);
    }
  }
}
