package dev.modelgate.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Standing;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import java.text.ParseException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Verifies tokens on a bounded executor: a signature costs tenths of a millisecond, which event
 * loops have no time for, and anybody can send one.
 *
 * <p>The algorithm must be one that the issuer is trusted with, and the key one that the issuer
 * publishes for it; nothing that the token says of its own key is believed but its name.
 */
final class Tokens {
  /** The most tokens that wait for keys. */
  static final int WAITING_MAX = 1_024;

  /** {@code typ} of access tokens (RFC 9068) and ID tokens; other JWTs are for other uses. */
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

  /** An issuer, what its tokens say, and its keys. */
  record Issuer(IssuerSettings settings, TokenClaims claims, IssuerKeys keys) {}

  private final List<Issuer> issuers;
  private final MonotoneClock clock;
  private final Executor executor;
  private final AtomicInteger waiting = new AtomicInteger();

  Tokens(List<Issuer> issuers, MonotoneClock clock, Executor executor) {
    this.issuers = List.copyOf(issuers);
    this.clock = clock;
    this.executor = executor;
  }

  /**
   * Verifies a token elsewhere; fails with UNAUTHENTICATED or OVERLOADED. The caller stands as long
   * as the issuer has the key that verified it.
   */
  CompletableFuture<Caller> verify(String token) {
    CompletableFuture<Caller> result = new CompletableFuture<>();
    submit(() -> verify(token, result, true), result);
    return result;
  }

  private void verify(String token, CompletableFuture<Caller> result, boolean mayWait) {
    try {
      Parsed parsed = parse(token);
      KeySet keys = parsed.issuer().keys().current();
      List<JWSVerifier> verifiers = keys == null ? List.of() : keys.verifiers(parsed.header());
      if (keys != null && !verifiers.isEmpty()) {
        JWSVerifier verifier = verifier(parsed, verifiers);
        IssuerKeys ofIssuer = parsed.issuer().keys();
        Standing standing = () -> ofIssuer.has(verifier);
        result.complete(
            parsed.issuer().claims().caller(parsed.claims(), standing, clock.nowMicros()));
      } else if (mayWait) {
        again(token, parsed.issuer(), result);
      } else {
        throw (keys == null ? Unauthenticated.KEYS_UNAVAILABLE : Unauthenticated.KEY).asException();
      }
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e); // Whatever it is: somebody waits.
    }
  }

  /** Once more, when the keys are loaded that may have come since. */
  private void again(String token, Issuer issuer, CompletableFuture<Caller> result) {
    if (waiting.incrementAndGet() > WAITING_MAX) {
      waiting.decrementAndGet();
      throw overloaded();
    }
    CompletableFuture<Void> unused =
        issuer
            .keys()
            .refresh()
            .handle(
                (done, failure) -> {
                  waiting.decrementAndGet();
                  submit(() -> verify(token, result, false), result);
                  return null;
                });
  }

  private void submit(Runnable work, CompletableFuture<Caller> result) {
    try {
      executor.execute(work);
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(overloaded());
    }
  }

  private record Parsed(Issuer issuer, SignedJWT jwt, JWTClaimsSet claims) {
    JWSHeader header() {
      return jwt.getHeader();
    }
  }

  private Parsed parse(String token) {
    SignedJWT jwt;
    JWTClaimsSet claims;
    try {
      jwt = SignedJWT.parse(token);
      claims = jwt.getJWTClaimsSet();
    } catch (ParseException | IllegalArgumentException e) {
      throw Unauthenticated.MALFORMED.asException();
    }
    if (claims == null || !isOfType(jwt.getHeader().getType())) {
      throw Unauthenticated.MALFORMED.asException();
    }
    Issuer issuer = issuer(claims);
    if (!issuer.settings().algorithms().contains(jwt.getHeader().getAlgorithm().getName())) {
      throw Unauthenticated.ALGORITHM.asException();
    }
    return new Parsed(issuer, jwt, claims);
  }

  private static boolean isOfType(@Nullable JOSEObjectType type) {
    return type == null || TYPES.contains(type.getType().toLowerCase(Locale.ROOT));
  }

  /** Of several entries of one issuer the first with the audience. */
  private Issuer issuer(JWTClaimsSet claims) {
    Issuer other = null;
    for (Issuer issuer : issuers) {
      if (issuer.settings().issuer().equals(claims.getIssuer())) {
        if (claims.getAudience().stream().anyMatch(issuer.settings().audiences()::contains)) {
          return issuer;
        }
        other = issuer;
      }
    }
    if (other == null) {
      throw Unauthenticated.ISSUER.asException();
    }
    return other;
  }

  private static JWSVerifier verifier(Parsed parsed, List<JWSVerifier> verifiers) {
    for (JWSVerifier verifier : verifiers) {
      try {
        if (parsed.jwt().verify(verifier)) {
          return verifier;
        }
      } catch (JOSEException | IllegalStateException e) {
        // As good as a wrong signature.
      }
    }
    throw Unauthenticated.SIGNATURE.asException();
  }

  private static RefusedException overloaded() {
    return Refusal.of(Fault.OVERLOADED, "too many tokens wait to be verified")
        .with("queue", "identity")
        .asException();
  }
}
