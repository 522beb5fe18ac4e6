package dev.modelgate.identity;

import dev.modelgate.client.identity.KeySource;
import dev.modelgate.client.identity.TrustedIssuer;
import dev.modelgate.model.PrincipalKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * One issuer of tokens, and what its tokens are good for.
 *
 * @param id what credentials and claimed groups are prefixed with: {@code [a-z0-9-]{1,32}}
 * @param issuer the value of {@code iss}, compared as it stands
 * @param audiences of which {@code aud} must have one
 * @param organizations ids of the organizations that the tokens may be used in; empty for all
 * @param keys where the public keys are
 * @param algorithms what signatures may be made by, asymmetric ones only
 * @param principalClaim the claim whose text is the id of the principal
 * @param principalKind what kind of principal that is
 * @param anyEmail whether a principal claim {@code email} is taken without {@code email_verified}
 * @param groupsClaim the claim that lists groups; empty for none
 * @param skew how far the issuer's clock may be ahead of ours
 * @param refreshEvery how old keys get before they are fetched again
 * @param staleMax how old keys get when they cannot be fetched, before nothing is verified by them
 * @param trusted PEM file with the certificates that an https server's must lead to; empty for
 *     those of the Java runtime
 */
record IssuerSettings(
    String id,
    String issuer,
    Set<String> audiences,
    Optional<Set<String>> organizations,
    KeySource keys,
    Set<String> algorithms,
    String principalClaim,
    PrincipalKind principalKind,
    boolean anyEmail,
    String groupsClaim,
    Duration skew,
    Duration refreshEvery,
    Duration staleMax,
    Optional<Path> trusted) {

  /** Copies the sets. */
  IssuerSettings {
    audiences = Set.copyOf(audiences);
    organizations = organizations.map(Set::copyOf);
    algorithms = Set.copyOf(algorithms);
  }

  /** What its tokens are verified by. */
  TrustedIssuer trustedIssuer() {
    return new TrustedIssuer(
        id, issuer, audiences, keys, algorithms, skew, refreshEvery, staleMax, trusted);
  }
}
