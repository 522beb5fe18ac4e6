package dev.modelgate.identity;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.modelgate.app.Standing;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.Micros;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the claims of a token whose signature is right: whether it is meant for us, now, and whom
 * it names.
 *
 * <p>The end of a token is kept to the second, without the allowance for clocks that its beginning
 * has: a token may be good a little late, never a little longer.
 */
final class TokenClaims {
  /**
   * The most groups that a token may claim; one with more is refused, for rules that deny count.
   */
  static final int GROUPS_MAX = 256;

  /** The longest subject, in bytes of UTF-8, as OpenID Connect Core 1.0, section 2, has it. */
  static final int SUBJECT_BYTES_MAX = 255;

  /** Later than this no token ends: 9999-12-31. */
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private static final String EMAIL = "email";

  private final IssuerSettings settings;

  TokenClaims(IssuerSettings settings) {
    this.settings = settings;
  }

  /**
   * The caller behind the claims, his peer not set.
   *
   * @param standing whether the key that verified them is still the issuer's
   * @throws dev.modelgate.model.RefusedException AUDIENCE, EXPIRED, NOT_YET_VALID, CLAIMS
   */
  Caller caller(JWTClaimsSet claims, Standing standing, long nowMicros) {
    if (Collections.disjoint(claims.getAudience(), settings.audiences())) {
      throw Unauthenticated.AUDIENCE.asException();
    }
    long expires = expires(claims, nowMicros);
    requireBegun(claims.getNotBeforeTime(), nowMicros);
    requireBegun(claims.getIssueTime(), nowMicros);
    if (claims.getClaim("cnf") != null) {
      // Only its owner may use it, with a proof that we do not ask for: no bearer token.
      throw Unauthenticated.CLAIMS.asException();
    }
    String subject = subject(claims);
    return new Caller(
        "jwt:" + settings.id() + ":" + subject,
        Optional.of(principal(claims)),
        settings.organizations(),
        groups(claims),
        expires,
        standing,
        "");
  }

  private static long expires(JWTClaimsSet claims, long nowMicros) {
    Date end = claims.getExpirationTime();
    if (end == null || end.toInstant().isAfter(LATEST)) {
      throw Unauthenticated.CLAIMS.asException();
    }
    long micros = Micros.of(end.toInstant());
    if (micros <= nowMicros) {
      throw Unauthenticated.EXPIRED.asException();
    }
    return micros;
  }

  private void requireBegun(@Nullable Date begin, long nowMicros) {
    if (begin != null
        && begin.toInstant().isAfter(Micros.toInstant(nowMicros).plus(settings.skew()))) {
      throw Unauthenticated.NOT_YET_VALID.asException();
    }
  }

  /** The subject goes into the log of changes, so it is held to what can be shown there. */
  private static String subject(JWTClaimsSet claims) {
    String subject = claims.getSubject();
    if (subject == null
        || subject.isEmpty()
        || subject.getBytes(StandardCharsets.UTF_8).length > SUBJECT_BYTES_MAX
        || subject.chars().anyMatch(c -> Character.isISOControl(c))) {
      throw Unauthenticated.CLAIMS.asException();
    }
    return subject;
  }

  private PrincipalName principal(JWTClaimsSet claims) {
    boolean unverified =
        settings.principalClaim().equals(EMAIL)
            && !settings.anyEmail()
            && !Boolean.TRUE.equals(claims.getClaim("email_verified"));
    if (unverified || !(claims.getClaim(settings.principalClaim()) instanceof String id)) {
      throw Unauthenticated.CLAIMS.asException();
    }
    try {
      return new PrincipalName(settings.principalKind(), id);
    } catch (InvalidNameException e) {
      throw Unauthenticated.CLAIMS.asException();
    }
  }

  /**
   * The claimed groups by their names in the directory: {@code group:<issuer-id>:<value>}. A value
   * that no group can be named by is left out. Groups that are claimed but stand elsewhere, as some
   * issuers do with many, refuse the token: a rule may deny something to one of them.
   */
  private List<PrincipalName> groups(JWTClaimsSet claims) {
    if (settings.groupsClaim().isEmpty()) {
      return List.of();
    }
    Object claimed = claims.getClaim(settings.groupsClaim());
    if (claimed == null) {
      if (claims.getClaim("_claim_names") instanceof Map<?, ?> elsewhere
          && elsewhere.containsKey(settings.groupsClaim())) {
        throw Unauthenticated.CLAIMS.asException();
      }
      return List.of();
    }
    List<?> values = claimed instanceof List<?> list ? list : List.of(claimed);
    if (values.size() > GROUPS_MAX) {
      throw Unauthenticated.CLAIMS.asException();
    }
    List<PrincipalName> groups = new ArrayList<>();
    for (Object value : values) {
      if (!(value instanceof String text)) {
        throw Unauthenticated.CLAIMS.asException();
      }
      if (!text.isEmpty()) {
        try {
          groups.add(new PrincipalName(PrincipalKind.GROUP, settings.id() + ":" + text));
        } catch (InvalidNameException e) {
          // No group here can have such a name.
        }
      }
    }
    return groups.stream().distinct().toList();
  }
}
