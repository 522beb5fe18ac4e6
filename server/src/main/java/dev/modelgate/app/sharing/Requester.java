package dev.modelgate.app.sharing;

import dev.modelgate.app.Standing;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.Actor;
import java.util.Optional;
import java.util.Set;

/**
 * Who asks the admin plane.
 *
 * <p>Invariant: only the bootstrap token and Modelgate itself act without a principal, which is
 * what makes them the system administrator.
 *
 * @param credential what was authenticated: {@code token:bootstrap}, {@code jwt:<issuer>:<subject>}
 * @param onBehalfOf the principal acted for, under all of its limits; empty when the credential
 *     acts for itself, which makes it the system administrator
 * @param organizations the ids of the organizations that the credential is bound to, nothing is
 *     allowed in any other; empty when it is bound to none in particular
 * @param standing whether the credential still holds, to be asked when a command is staged (hazard
 *     34)
 */
public record Requester(
    String credential,
    Optional<PrincipalName> onBehalfOf,
    Optional<Set<String>> organizations,
    Standing standing) {
  /** The holder of the bootstrap token, acting for itself. */
  public static final Requester SYSTEM_ADMINISTRATOR =
      new Requester("token:bootstrap", Optional.empty());

  /** Copies the set. */
  public Requester {
    organizations = organizations.map(Set::copyOf);
    if (onBehalfOf.isEmpty()
        && !credential.equals(Actor.SYSTEM_ADMINISTRATOR.credential())
        && !credential.equals(Actor.SWEEPER.credential())) {
      throw new IllegalArgumentException(
          "credential: `" + credential + "` (expected: a principal with it)");
    }
  }

  /** One whose credential holds for ever. */
  public Requester(
      String credential, Optional<PrincipalName> onBehalfOf, Optional<Set<String>> organizations) {
    this(credential, onBehalfOf, organizations, Standing.ALWAYS);
  }

  /** One that is bound to no organization in particular. */
  public Requester(String credential, Optional<PrincipalName> onBehalfOf) {
    this(credential, onBehalfOf, Optional.empty());
  }

  /** The holder of the bootstrap token, acting for a principal. */
  public static Requester onBehalfOf(PrincipalName principal) {
    return new Requester(SYSTEM_ADMINISTRATOR.credential, Optional.of(principal));
  }

  /** The same with a credential that may end. */
  public Requester standing(Standing until) {
    return new Requester(credential, onBehalfOf, organizations, until);
  }

  /** Whether this is the bootstrap token, acting for itself or for somebody. */
  public boolean isBootstrap() {
    return credential.equals(Actor.SYSTEM_ADMINISTRATOR.credential());
  }

  /** Who acts, for people: the principal acted for, or {@code systemAdministrator}. */
  public String actor() {
    return onBehalfOf.map(PrincipalName::toString).orElse("systemAdministrator");
  }

  /** Whether no limits hold. */
  public boolean isSystemAdministrator() {
    return onBehalfOf.isEmpty();
  }

  /** Whether the credential may be used in an organization at all. */
  public boolean isOf(String organizationId) {
    return organizations.isEmpty() || organizations.get().contains(organizationId);
  }
}
