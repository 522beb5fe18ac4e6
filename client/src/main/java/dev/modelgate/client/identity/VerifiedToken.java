package dev.modelgate.client.identity;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A token whose signature, issuer, audience and times are right.
 *
 * @param issuer of it
 * @param claims all of them, of JSON's types but for times, which are dates
 * @param subject {@code sub}, 1 to 255 bytes without control characters
 * @param expires when it ends
 * @param standing whether the key that verified it is still the issuer's, and its keys not stale
 */
public record VerifiedToken(
    TrustedIssuer issuer,
    Map<String, Object> claims,
    String subject,
    Instant expires,
    BooleanSupplier standing) {

  private static final String EMAIL = "email";

  /**
   * The text of the claim that names the principal. An email counts only when it is verified.
   *
   * @param anyEmail whether it counts otherwise, too
   */
  public Optional<String> name(String claim, boolean anyEmail) {
    boolean unverified =
        claim.equals(EMAIL) && !anyEmail && !Boolean.TRUE.equals(claims.get("email_verified"));
    return unverified || !(claims.get(claim) instanceof String text) || text.isEmpty()
        ? Optional.empty()
        : Optional.of(text);
  }
}
