package dev.modelgate.model.profile;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The numbers that an organization's rows use for permissions and roles. Append-only: a name keeps
 * its number for ever and a number is never given to another name, so that no profile version can
 * change what a stored grant means (hazard 16).
 *
 * @param permissions at most {@value #PERMISSIONS_MAX}; the index is the bit in a mask
 * @param roles at most {@value #ROLES_MAX}; the index is the role's number in a grant
 */
public record Vocabulary(List<String> permissions, List<String> roles) {
  /** The most permissions that an organization can ever have named: the bits of a mask. */
  public static final int PERMISSIONS_MAX = 64;

  /** The most roles that an organization can ever have named. */
  public static final int ROLES_MAX = 1000;

  /** An organization that has named nothing yet. */
  public static final Vocabulary EMPTY = new Vocabulary(List.of(), List.of());

  /** Copies the lists and refuses repeated names and too many of them. */
  public Vocabulary {
    permissions = List.copyOf(permissions);
    roles = List.copyOf(roles);
    if (permissions.size() > PERMISSIONS_MAX || roles.size() > ROLES_MAX) {
      throw new IllegalArgumentException(
          "vocabulary: %d permissions and %d roles (expected: at most %d and %d)"
              .formatted(permissions.size(), roles.size(), PERMISSIONS_MAX, ROLES_MAX));
    }
    if (new LinkedHashSet<>(permissions).size() != permissions.size()
        || new LinkedHashSet<>(roles).size() != roles.size()) {
      throw new IllegalArgumentException("vocabulary: a name stands twice");
    }
  }

  /** This vocabulary with the names that it lacks appended in their order. */
  public Vocabulary with(List<String> morePermissions, List<String> moreRoles) {
    return new Vocabulary(appended(permissions, morePermissions), appended(roles, moreRoles));
  }

  private static List<String> appended(List<String> names, List<String> more) {
    var all = new LinkedHashSet<>(names);
    all.addAll(more);
    return new ArrayList<>(all);
  }
}
