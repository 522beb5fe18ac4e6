package dev.modelgate.app.query;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.row.Grant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which grants are listed; what is present holds together.
 *
 * @param principal only those to this one
 * @param kind only those to principals of this kind
 * @param contains only those to principals with this in their id or display name, whatever the case
 *     of letters; empty for all
 * @param role only those of this role, by name; empty for all
 */
public record GrantFilter(
    Optional<PrincipalName> principal, Optional<PrincipalKind> kind, String contains, String role) {
  /** Only a role. */
  static GrantFilter ofRole(String role) {
    return new GrantFilter(Optional.empty(), Optional.empty(), "", role);
  }

  /** Everything that a page token is bound to. */
  List<String> parameters() {
    return List.of(
        principal.map(PrincipalName::toString).orElse(""),
        kind.map(PrincipalKind::prefix).orElse(""),
        contains,
        role);
  }

  /** Whether grants to that principal can be listed; deleted ones are not. */
  boolean admits(Reading reading, Uid recipient) {
    var named = reading.names().principal(recipient);
    PrincipalName name = named.name();
    return !named.isDeleted()
        && principal.filter(wanted -> !wanted.equals(name)).isEmpty()
        && kind.filter(wanted -> wanted != name.kind()).isEmpty()
        && (contains.isEmpty() || containedIn(name.id()) || containedIn(display(reading, name)));
  }

  /**
   * Which grants of an admitted principal are listed.
   *
   * @throws RefusedException UNKNOWN_ROLE
   */
  Predicate<Grant> roles(Reading reading) {
    if (role.isEmpty()) {
      return grant -> true;
    }
    int wanted =
        reading
            .org()
            .profile()
            .role(role)
            .map(Role::id)
            .orElseThrow(
                () ->
                    Refusal.ofField(Fault.UNKNOWN_ROLE, "role", role, "a role of the profile")
                        .with("kind", "")
                        .asException());
    return grant -> grant.role() == wanted;
  }

  private boolean containedIn(String text) {
    return text.toLowerCase(Locale.ROOT).contains(contains.toLowerCase(Locale.ROOT));
  }

  private static String display(Reading reading, PrincipalName name) {
    return reading.rows().principal(name).map(row -> row.displayName()).orElse("");
  }
}
