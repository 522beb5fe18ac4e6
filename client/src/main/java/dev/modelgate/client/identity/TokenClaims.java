package dev.modelgate.client.identity;

import com.nimbusds.jwt.JWTClaimsSet;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.Date;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the claims of a token whose signature is right: whether it is meant for us, and now.
 *
 * <p>The end of a token is kept to the second, without the allowance for clocks that its beginning
 * has: a token may be good a little late, never a little longer.
 */
final class TokenClaims {
  /** The longest subject, in bytes of UTF-8, as OpenID Connect Core 1.0, section 2, has it. */
  static final int SUBJECT_BYTES_MAX = 255;

  /** Later than this no token ends: 9999-12-31. */
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private TokenClaims() {}

  /**
   * What the claims say.
   *
   * @throws TokenException AUDIENCE, EXPIRED, NOT_YET_VALID, CLAIMS
   */
  static VerifiedToken read(
      TrustedIssuer issuer, JWTClaimsSet claims, BooleanSupplier standing, Instant now) {
    if (Collections.disjoint(claims.getAudience(), issuer.audiences())) {
      throw new TokenException(TokenProblem.AUDIENCE);
    }
    Instant expires = expires(claims, now);
    requireBegun(claims.getNotBeforeTime(), issuer, now);
    requireBegun(claims.getIssueTime(), issuer, now);
    if (claims.getClaim("cnf") != null) {
      // Only its owner may use it, with a proof that we do not ask for: no bearer token.
      throw new TokenException(TokenProblem.CLAIMS);
    }
    return new VerifiedToken(issuer, claims.getClaims(), subject(claims), expires, standing);
  }

  private static Instant expires(JWTClaimsSet claims, Instant now) {
    Date end = claims.getExpirationTime();
    if (end == null || end.toInstant().isAfter(LATEST)) {
      throw new TokenException(TokenProblem.CLAIMS);
    }
    if (!end.toInstant().isAfter(now)) {
      throw new TokenException(TokenProblem.EXPIRED);
    }
    return end.toInstant();
  }

  private static void requireBegun(@Nullable Date begin, TrustedIssuer issuer, Instant now) {
    if (begin != null && begin.toInstant().isAfter(now.plus(issuer.skew()))) {
      throw new TokenException(TokenProblem.NOT_YET_VALID);
    }
  }

  /** The subject goes into logs, so it is held to what can be shown there. */
  private static String subject(JWTClaimsSet claims) {
    String subject = claims.getSubject();
    if (subject == null
        || subject.isEmpty()
        || subject.getBytes(StandardCharsets.UTF_8).length > SUBJECT_BYTES_MAX
        || subject.chars().anyMatch(c -> Character.isISOControl(c))) {
      throw new TokenException(TokenProblem.CLAIMS);
    }
    return subject;
  }
}
