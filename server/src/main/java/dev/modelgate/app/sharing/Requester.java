package dev.modelgate.app.sharing;

import dev.modelgate.app.Standing;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.Actor;
import java.util.Optional;
import java.util.Set;

/**
 * Who asks the admin plane.
 *
 * <p>Invariant: who acts without a principal is the system administrator, and nobody comes to that
 * by leaving something out: it is said.
 *
 * @param credential what was authenticated: {@code token:bootstrap}, {@code jwt:<issuer>:<subject>}
 * @param onBehalfOf the principal acted for, under all of its limits: the caller himself or
 *     another; empty for a system administrator
 * @param self the principal that the credential is, if it is one: suspended, it does nothing
 * @param organizations the ids of the organizations that the credential is bound to, nothing is
 *     allowed in any other; empty when it is bound to none in particular
 * @param roles the names of the roles that the credential may act by for others: what the principal
 *     acted for holds otherwise does not count; empty for no such bound
 * @param systemAdministrator whether no limits hold
 * @param standing whether the credential still holds, to be asked when a command is staged (hazard
 *     34)
 */
public record Requester(
    String credential,
    Optional<PrincipalName> onBehalfOf,
    Optional<PrincipalName> self,
    Optional<Set<String>> organizations,
    Optional<Set<String>> roles,
    boolean systemAdministrator,
    Standing standing) {
  /** The holder of the bootstrap token, acting for itself. */
  public static final Requester SYSTEM_ADMINISTRATOR =
      systemAdministrator(Actor.SYSTEM_ADMINISTRATOR.credential(), Optional.empty());

  /** Modelgate itself, sweeping. */
  public static final Requester SWEEPER =
      systemAdministrator(Actor.SWEEPER.credential(), Optional.empty());

  /** Copies the sets. */
  public Requester {
    organizations = organizations.map(Set::copyOf);
    roles = roles.map(Set::copyOf);
    if (onBehalfOf.isEmpty() != systemAdministrator) {
      throw new IllegalArgumentException(
          "credential: `" + credential + "` (expected: a principal, or the system administrator)");
    }
  }

  /** A system administrator, acting for himself. */
  public static Requester systemAdministrator(String credential, Optional<PrincipalName> self) {
    return new Requester(
        credential,
        Optional.empty(),
        self,
        Optional.empty(),
        Optional.empty(),
        true,
        Standing.ALWAYS);
  }

  /** Somebody who acts as the principal that he is, in the organizations of his credential. */
  public static Requester self(
      String credential, PrincipalName principal, Optional<Set<String>> organizations) {
    return new Requester(
        credential,
        Optional.of(principal),
        Optional.of(principal),
        organizations,
        Optional.empty(),
        false,
        Standing.ALWAYS);
  }

  /** The holder of the bootstrap token, acting for a principal. */
  public static Requester onBehalfOf(PrincipalName principal) {
    return new Requester(
        Actor.SYSTEM_ADMINISTRATOR.credential(),
        Optional.of(principal),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Standing.ALWAYS);
  }

  /**
   * A trusted front end, acting for a principal.
   *
   * @param roles by which it may act; empty for all
   */
  public static Requester frontEnd(
      String credential,
      Optional<PrincipalName> self,
      PrincipalName principal,
      Set<String> organizations,
      Optional<Set<String>> roles) {
    return new Requester(
        credential,
        Optional.of(principal),
        self,
        Optional.of(organizations),
        roles,
        false,
        Standing.ALWAYS);
  }

  /** The same with a credential that may end. */
  public Requester standing(Standing until) {
    return new Requester(
        credential, onBehalfOf, self, organizations, roles, systemAdministrator, until);
  }

  /** Whether this is the bootstrap token, acting for itself or for somebody. */
  public boolean isBootstrap() {
    return credential.equals(Actor.SYSTEM_ADMINISTRATOR.credential());
  }

  /** Whether no suspension holds it back: the bootstrap token, and Modelgate itself (hazard 34). */
  public boolean isExempt() {
    return systemAdministrator && self.isEmpty();
  }

  /** Whether he acts as the principal that he is. */
  public boolean isHimself() {
    return self.isPresent() && self.equals(onBehalfOf);
  }

  /** Who acts, for people: the principal acted for, or {@code systemAdministrator}. */
  public String actor() {
    return onBehalfOf.map(PrincipalName::toString).orElse("systemAdministrator");
  }

  /** The same with the credential of a front end that acts for him: for refusals. */
  public String shown() {
    boolean forAnother = onBehalfOf.isPresent() && !isHimself() && !isBootstrap();
    return forAnother ? actor() + " by " + credential : actor();
  }

  /** Whether no limits hold. */
  public boolean isSystemAdministrator() {
    return systemAdministrator;
  }

  /** Whether the credential may be used in an organization at all. */
  public boolean isOf(String organizationId) {
    return organizations.isEmpty() || organizations.get().contains(organizationId);
  }
}
