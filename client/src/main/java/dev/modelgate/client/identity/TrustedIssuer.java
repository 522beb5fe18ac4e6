package dev.modelgate.client.identity;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * An issuer whose tokens are taken.
 *
 * @param id for the log
 * @param issuer the value of {@code iss}, compared as it stands
 * @param audiences of which {@code aud} must have one
 * @param keys where the public keys are
 * @param algorithms what signatures may be made by, of {@link #ALGORITHMS}
 * @param skew how far the issuer's clock may be ahead of ours
 * @param refreshEvery how old keys get before they are fetched again
 * @param staleMax how old keys get when they cannot be fetched, before nothing is verified by them
 * @param trusted PEM file with the certificates that an https server's must lead to; empty for
 *     those of the Java runtime
 */
public record TrustedIssuer(
    String id,
    String issuer,
    Set<String> audiences,
    KeySource keys,
    Set<String> algorithms,
    Duration skew,
    Duration refreshEvery,
    Duration staleMax,
    Optional<Path> trusted) {
  /** What signatures may be made by: no MAC, which who can verify can make, and no {@code none}. */
  public static final Set<String> ALGORITHMS =
      Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

  /** {@code algorithms} unless told otherwise. */
  public static final Set<String> ALGORITHMS_DEFAULT = Set.of("RS256", "ES256");

  /** {@code skew} unless told otherwise. */
  public static final Duration SKEW_DEFAULT = Duration.ofSeconds(60);

  /** {@code refreshEvery} unless told otherwise. */
  public static final Duration REFRESH_DEFAULT = Duration.ofMinutes(5);

  /** {@code staleMax} unless told otherwise. */
  public static final Duration STALE_DEFAULT = Duration.ofDays(1);

  /**
   * Copies the sets.
   *
   * @throws IllegalArgumentException without an issuer or an audience, or for an algorithm that is
   *     not among {@link #ALGORITHMS}
   */
  public TrustedIssuer {
    audiences = Set.copyOf(audiences);
    algorithms = Set.copyOf(algorithms);
    if (issuer.isBlank() || audiences.isEmpty() || audiences.contains("")) {
      throw new IllegalArgumentException("issuer and audience: expected both");
    }
    if (algorithms.isEmpty() || !ALGORITHMS.containsAll(algorithms)) {
      throw new IllegalArgumentException("algorithms: " + algorithms);
    }
  }
}
