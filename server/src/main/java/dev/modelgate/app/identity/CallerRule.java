package dev.modelgate.app.identity;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an operator lets some callers do, beyond being the principals that they are.
 *
 * @param callers who they are, by principal or by credential: {@code user:root@acme.com}, {@code
 *     jwt:corp:*}
 * @param systemAdministrator whether they are system administrators on the admin plane
 * @param actsFor for whom they act there, if they are front ends; never with {@code
 *     systemAdministrator}
 * @param asks what they may ask the data plane; empty for themselves alone
 */
public record CallerRule(
    List<CallerPattern> callers,
    boolean systemAdministrator,
    Optional<ActsFor> actsFor,
    Optional<Asks> asks) {
  /** Copies the list. */
  public CallerRule {
    callers = List.copyOf(callers);
    if (systemAdministrator && actsFor.isPresent()) {
      throw new IllegalArgumentException(
          "a caller acts for others or as system administrator, not both");
    }
  }

  /**
   * Whether a caller is meant. An issuer that is bound to organizations says who is who in them and
   * nowhere else: it makes a system administrator only where the rule names the credential itself.
   */
  boolean matches(Caller caller) {
    boolean byName = !systemAdministrator || caller.organizations().isEmpty();
    String principal = caller.principal().map(Object::toString).orElse("");
    for (CallerPattern pattern : callers) {
      if (pattern.matches(caller.credential()) || byName && pattern.matches(principal)) {
        return true;
      }
    }
    return false;
  }

  /**
   * For whom a front end acts.
   *
   * @param organizations the ids of the organizations
   * @param roles the names of the roles by which it acts; empty for all
   */
  public record ActsFor(Set<String> organizations, Optional<Set<String>> roles) {
    /** Copies the sets. */
    public ActsFor {
      organizations = Set.copyOf(organizations);
      roles = roles.map(Set::copyOf);
    }
  }

  /**
   * What may be asked.
   *
   * @param organizations the ids of the organizations that the resources are in; empty for those of
   *     the credential
   * @param principals about whom
   * @param self whether about the caller himself, too
   */
  public record Asks(
      Optional<Set<String>> organizations, List<CallerPattern> principals, boolean self) {
    /** Himself alone, in the organizations of his credential. */
    public static final Asks SELF = new Asks(Optional.empty(), List.of(), true);

    /** Copies the collections. */
    public Asks {
      organizations = organizations.map(Set::copyOf);
      principals = List.copyOf(principals);
    }
  }
}
