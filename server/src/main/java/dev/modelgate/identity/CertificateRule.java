package dev.modelgate.identity;

import dev.modelgate.client.identity.NamePattern;
import dev.modelgate.model.PrincipalName;
import java.util.Optional;
import java.util.Set;

/**
 * One rule by which certificates map to principals.
 *
 * @param pattern of one of the certificate's names
 * @param principal the principal with {@code {id}} in it, or a whole one
 * @param organizations ids of the organizations that the principal may act in; empty for all
 */
record CertificateRule(NamePattern pattern, String principal, Optional<Set<String>> organizations) {
  CertificateRule {
    organizations = organizations.map(Set::copyOf);
  }

  /**
   * The principal that a name maps to; empty when the name does not fit.
   *
   * @throws dev.modelgate.model.InvalidNameException when what comes out names nobody
   */
  Optional<PrincipalName> principal(String name) {
    return pattern
        .match(name)
        .map(id -> PrincipalName.parse(principal.replace(NamePattern.ID, id)));
  }
}
