package dev.modelgate.client.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies tokens on a bounded executor: a signature costs tenths of a millisecond, which event
 * loops have no time for, and anybody can send one. Thread-safe.
 *
 * <p>The algorithm must be one that the issuer is trusted with, and the key one that the issuer
 * publishes for it; nothing that the token says of its own key is believed but its name.
 */
public final class TokenVerifier {
  /** How long one document of an issuer may take. */
  public static final Duration FETCH_MAX = KeyLoader.FETCH_MAX;

  /** The most tokens that wait for keys. */
  static final int WAITING_MAX = 1_024;

  /** {@code typ} of access tokens (RFC 9068) and ID tokens; other JWTs are for other uses. */
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

  private record Issuer(TrustedIssuer settings, IssuerKeys keys) {}

  /**
   * What the verifier runs on.
   *
   * @param now the time that tokens are held against
   * @param nanoTime as {@link System#nanoTime}, for the age of keys
   * @param verifying runs signatures; refuses what is too much
   * @param loading reads files, and does the work of HTTP
   * @param fetchMax how long one document of an issuer may take
   */
  public record Environment(
      Supplier<Instant> now,
      LongSupplier nanoTime,
      Executor verifying,
      Executor loading,
      Duration fetchMax) {}

  private final List<Issuer> issuers = new ArrayList<>();
  private final Environment environment;
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * Begins to load the issuers' keys; whether that works is seen by the tokens.
   *
   * @param onFailure told of each load of an issuer's keys that fails
   * @throws IllegalArgumentException when trusted certificates cannot be read
   */
  public TokenVerifier(
      List<TrustedIssuer> trusted, Environment environment, Consumer<TrustedIssuer> onFailure) {
    this.environment = environment;
    for (TrustedIssuer issuer : trusted) {
      IssuerKeys keys =
          new IssuerKeys(
              issuer.id(),
              new KeyLoader(issuer, environment.fetchMax(), environment.loading())::load,
              issuer.refreshEvery(),
              issuer.staleMax(),
              environment.nanoTime(),
              () -> onFailure.accept(issuer));
      issuers.add(new Issuer(issuer, keys));
      CompletableFuture<?> unused = keys.refresh();
    }
  }

  /**
   * Verifies a token elsewhere; fails with a {@link TokenException}. What is verified stands as
   * long as the issuer has the key that verified it.
   */
  public CompletableFuture<VerifiedToken> verify(String token) {
    CompletableFuture<VerifiedToken> result = new CompletableFuture<>();
    submit(() -> verify(token, result, true), result);
    return result;
  }

  private void verify(String token, CompletableFuture<VerifiedToken> result, boolean mayWait) {
    try {
      Parsed parsed = parse(token);
      IssuerKeys ofIssuer = parsed.issuer().keys();
      KeySet keys = ofIssuer.current();
      List<JWSVerifier> verifiers = keys == null ? List.of() : keys.verifiers(parsed.header());
      if (keys != null && !verifiers.isEmpty()) {
        JWSVerifier verifier = verifier(parsed, verifiers);
        result.complete(
            TokenClaims.read(
                parsed.issuer().settings(),
                parsed.claims(),
                () -> ofIssuer.has(verifier),
                environment.now().get()));
      } else if (mayWait) {
        again(token, parsed.issuer(), result);
      } else {
        throw new TokenException(keys == null ? TokenProblem.KEYS_UNAVAILABLE : TokenProblem.KEY);
      }
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e); // Whatever it is: somebody waits.
    }
  }

  /** Once more, when the keys are loaded that may have come since. */
  private void again(String token, Issuer issuer, CompletableFuture<VerifiedToken> result) {
    if (waiting.incrementAndGet() > WAITING_MAX) {
      waiting.decrementAndGet();
      throw new TokenException(TokenProblem.OVERLOADED);
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

  private void submit(Runnable work, CompletableFuture<VerifiedToken> result) {
    try {
      environment.verifying().execute(work);
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(new TokenException(TokenProblem.OVERLOADED));
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
      throw new TokenException(TokenProblem.MALFORMED);
    }
    if (claims == null || !isOfType(jwt.getHeader().getType())) {
      throw new TokenException(TokenProblem.MALFORMED);
    }
    Issuer issuer = issuer(claims);
    if (!issuer.settings().algorithms().contains(jwt.getHeader().getAlgorithm().getName())) {
      throw new TokenException(TokenProblem.ALGORITHM);
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
      throw new TokenException(TokenProblem.ISSUER);
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
    throw new TokenException(TokenProblem.SIGNATURE);
  }

  /** How old each issuer's keys are, in seconds, by its id; -1 without keys. For metrics. */
  public Map<String, DoubleSupplier> keyAges() {
    Map<String, DoubleSupplier> ages = new LinkedHashMap<>();
    issuers.forEach(issuer -> ages.put(issuer.settings().id(), issuer.keys()::ageSeconds));
    return ages;
  }
}
