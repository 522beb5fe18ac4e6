package dev.modelgate.app.sharing;

import dev.modelgate.model.PrincipalName;
import java.util.Optional;

/**
 * Who asks the admin plane.
 *
 * @param credential what was authenticated: {@code token:bootstrap}
 * @param onBehalfOf the principal acted for, under all of its limits; empty when the credential
 *     acts for itself, which makes it the system administrator
 */
public record Requester(String credential, Optional<PrincipalName> onBehalfOf) {
  /** The holder of the bootstrap token, acting for itself. */
  public static final Requester SYSTEM_ADMINISTRATOR =
      new Requester("token:bootstrap", Optional.empty());

  /** The holder of the bootstrap token, acting for a principal. */
  public static Requester onBehalfOf(PrincipalName principal) {
    return new Requester(SYSTEM_ADMINISTRATOR.credential, Optional.of(principal));
  }

  /** Who acts, for people: the principal acted for, or {@code systemAdministrator}. */
  public String actor() {
    return onBehalfOf.map(PrincipalName::toString).orElse("systemAdministrator");
  }

  /** Whether no limits hold. */
  public boolean isSystemAdministrator() {
    return onBehalfOf.isEmpty();
  }
}
