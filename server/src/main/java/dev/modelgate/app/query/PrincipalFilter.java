package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import java.util.List;
import java.util.Optional;

/**
 * Which principals are listed; what is present holds together.
 *
 * @param memberOf only the direct members of this group; not with {@code contains}
 * @param contains only the groups that hold this principal directly
 */
public record PrincipalFilter(
    Optional<PrincipalKind> kind,
    Optional<PrincipalName> memberOf,
    Optional<PrincipalName> contains,
    boolean includeDeleted) {
  /** Refuses both directions of membership at once. */
  public PrincipalFilter {
    if (memberOf.isPresent() && contains.isPresent()) {
      throw new IllegalArgumentException("members of a group and groups of a member at once");
    }
  }

  /** Whether a principal of that kind is listed; domains and links are no directory entries. */
  boolean admits(PrincipalKind other) {
    boolean entry = other != PrincipalKind.DOMAIN && other != PrincipalKind.LINK;
    return entry && (kind.isEmpty() || kind.get() == other);
  }

  /** Everything that a page token is bound to. */
  List<String> parameters() {
    return List.of(
        kind.map(PrincipalKind::prefix).orElse(""),
        memberOf.map(PrincipalName::toString).orElse(""),
        contains.map(PrincipalName::toString).orElse(""),
        String.valueOf(includeDeleted));
  }
}
