package dev.modelgate.decision;

import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Role;
import java.util.List;
import java.util.Set;

/**
 * All that the decision about one caller and one resource depends on, gathered from one published
 * state.
 *
 * @param kinds the kinds along the path, the organization first, the resource's own last
 * @param caller what the directory says of the caller
 * @param suspended whether the caller, a group of it, the organization, the resource or an ancestor
 *     is suspended
 * @param resourceKnown whether every level that needs a record has one
 * @param grants everything granted to the caller, or a set that it is in, on the resource and its
 *     ancestors, live or not
 * @param layer what holds beside grants
 */
public record Facts(
    List<Kind> kinds,
    Caller caller,
    boolean suspended,
    boolean resourceKnown,
    List<HeldGrant> grants,
    TypeLayer layer) {

  /** Copies the lists. */
  public Facts {
    kinds = List.copyOf(kinds);
    grants = List.copyOf(grants);
  }

  /** The same as if nothing were suspended. */
  public Facts awake() {
    return new Facts(kinds, caller, false, resourceKnown, grants, layer);
  }

  /** The same with nothing given but by grants of the roles of these names. */
  public Facts of(Set<String> roles) {
    List<HeldGrant> held =
        grants.stream()
            .filter(grant -> grant.role().map(Role::name).filter(roles::contains).isPresent())
            .toList();
    return new Facts(kinds, caller, suspended, resourceKnown, held, layer.withoutAllowed());
  }

  /** What a directory says of a caller. */
  public enum Caller {
    /** It may act. In an open directory also an account without a record. */
    ACTIVE,
    /** It is disabled. */
    INACTIVE,
    /** A strict directory does not have it. */
    UNKNOWN
  }
}
