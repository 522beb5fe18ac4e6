package dev.modelgate.app.sharing;

import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One change of a principal's rights for one kind, which are told apart by depth and effects.
 *
 * @param role the role whose permissions on the kind are meant; empty with {@code permissions}
 * @param permissions by name; none at all for a ceiling that lets nothing through
 * @param depth how far an allowing right reaches; empty to remove whatever the depth
 * @param effects what the right does; empty to remove whatever it does
 */
public record TypeRightChange(
    GrantChange.Mode mode,
    PrincipalName principal,
    String kind,
    String role,
    List<String> permissions,
    Optional<Depth> depth,
    Set<Effect> effects) {
  /** Copies the collections. */
  public TypeRightChange {
    permissions = List.copyOf(permissions);
    effects = Set.copyOf(effects);
  }

  /** Whether it is about all rights of the principal for the kind. */
  boolean isOfAll() {
    return mode == GrantChange.Mode.SET
        || mode == GrantChange.Mode.REMOVE && depth.isEmpty() && effects.isEmpty();
  }
}
