package dev.modelgate.identity;

import dev.modelgate.model.PrincipalName;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One rule by which certificates map to principals.
 *
 * @param field which name of the certificate it looks at
 * @param match the text of the name that its {@code {id}} stands for, when the name fits the rule's
 *     pattern; the empty text when the pattern has no {@code {id}}
 * @param principal the principal with {@code {id}} in it, or a whole one
 * @param organizations ids of the organizations that the principal may act in; empty for all
 */
record CertificateRule(
    Field field,
    Function<String, Optional<String>> match,
    String principal,
    Optional<Set<String>> organizations) {
  /** What stands for the part of a name that varies. */
  static final String ID = "{id}";

  /** A name of a certificate. */
  enum Field {
    /** A URI among the subject's alternative names, such as a SPIFFE id. */
    URI,
    /** A DNS name among them. */
    DNS,
    /** The subject itself, as RFC 2253 writes it. */
    SUBJECT
  }

  CertificateRule {
    organizations = organizations.map(Set::copyOf);
  }

  /**
   * The principal that a name maps to; empty when the name does not fit.
   *
   * @throws dev.modelgate.model.InvalidNameException when what comes out names nobody
   */
  Optional<PrincipalName> principal(String name) {
    return match.apply(name).map(id -> PrincipalName.parse(principal.replace(ID, id)));
  }
}
