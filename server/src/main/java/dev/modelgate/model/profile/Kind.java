package dev.modelgate.model.profile;

import dev.modelgate.model.PrincipalKind;
import java.util.Set;

/**
 * One kind of resource, as a profile declares it.
 *
 * @param name in the singular: {@code model}
 * @param collection the word before the id in a path: {@code models}; unique in the profile
 * @param parents the names of the kinds that it can live in; empty for the organization only
 * @param needsRecord whether a resource of this kind exists only when it was created; a version
 *     does not need one, its model does
 * @param shareable whether it has grants of its own
 * @param inherits whether grants on the parent reach it
 * @param permissions the mask of all permissions that apply to it
 * @param dataPermissions the mask of those that a grant gives only with can_use_data, the owner's
 *     grant apart
 * @param defaultRole the role of a grant that names none; empty when a role is required
 * @param recipients the kinds of principals that it can be shared with
 * @param honoursCanShare whether the flag can_share of a grant has any meaning
 * @param keepsSharer whether one principal who may share must always remain, once there was one
 * @param keepsOwner whether the floor of the profile's switch {@code owners} holds for it
 */
public record Kind(
    String name,
    String collection,
    Set<String> parents,
    boolean needsRecord,
    boolean shareable,
    boolean inherits,
    long permissions,
    long dataPermissions,
    String defaultRole,
    Set<PrincipalKind> recipients,
    boolean honoursCanShare,
    boolean keepsSharer,
    boolean keepsOwner) {
  /** Copies the sets. */
  public Kind {
    parents = Set.copyOf(parents);
    recipients = Set.copyOf(recipients);
  }
}
