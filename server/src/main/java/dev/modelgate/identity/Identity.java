package dev.modelgate.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.modelgate.app.AdminToken;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Standing;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.client.identity.TokenException;
import dev.modelgate.client.identity.TokenProblem;
import dev.modelgate.client.identity.TokenVerifier;
import dev.modelgate.client.identity.VerifiedToken;
import dev.modelgate.config.SettingException;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.Micros;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells the bootstrap token, the tokens of trusted issuers, and the certificates of peers.
 *
 * <p>A verified token is remembered by its SHA-256 in a cache bounded in bytes, and holds as long
 * as its issuer has the key that it was verified by and the keys are not stale; its end is for the
 * caller of this port to watch. Everything else is verified on two threads with a bounded queue.
 */
public final class Identity implements Authenticator, AutoCloseable {
  /** What verified tokens may take, in bytes, about: some ten thousand without groups. */
  private static final long CACHE_BYTES_MAX = 4L << 20;

  private static final int ENTRY_BYTES = 400;
  private static final int GROUP_BYTES = 120;
  private static final int THREADS = 2;
  private static final int QUEUE_MAX = 1_024;

  /** A verified token's caller, and the future that answers with him. */
  private record Remembered(Caller caller, CompletableFuture<Caller> answer) {}

  private final AdminToken bootstrap;
  private final Certificates certificates;
  private final Map<String, TokenClaims> claims = new HashMap<>();
  private final TokenVerifier tokens;
  private final ThreadPoolExecutor verifying = pool("modelgate-identity");
  private final ThreadPoolExecutor loading = pool("modelgate-keys");
  private final Cache<ByteBuffer, Remembered> cache =
      Caffeine.newBuilder()
          .maximumWeight(CACHE_BYTES_MAX)
          .weigher(
              (ByteBuffer key, Remembered entry) ->
                  ENTRY_BYTES + GROUP_BYTES * entry.caller().groups().size())
          .executor(Runnable::run)
          .build();

  /**
   * Takes the credentials that the settings name. Begins to load the issuers' keys; whether that
   * works is seen by the tokens.
   *
   * @throws dev.modelgate.config.SettingException when trusted certificates cannot be read
   */
  public Identity(
      AdminToken bootstrap, IdentitySettings settings, MonotoneClock clock, Telemetry telemetry) {
    this(bootstrap, settings, clock, telemetry, System::nanoTime, TokenVerifier.FETCH_MAX);
  }

  Identity(
      AdminToken bootstrap,
      IdentitySettings settings,
      MonotoneClock clock,
      Telemetry telemetry,
      LongSupplier nanoTime,
      Duration fetchMax) {
    this.bootstrap = bootstrap;
    this.certificates = new Certificates(settings.certificates());
    settings.issuers().forEach(issuer -> claims.put(issuer.id(), new TokenClaims(issuer)));
    this.tokens = verifier(settings.issuers(), clock, telemetry, nanoTime, fetchMax);
  }

  private TokenVerifier verifier(
      List<IssuerSettings> issuers,
      MonotoneClock clock,
      Telemetry telemetry,
      LongSupplier nanoTime,
      Duration fetchMax) {
    try {
      return new TokenVerifier(
          issuers.stream().map(IssuerSettings::trustedIssuer).toList(),
          new TokenVerifier.Environment(
              () -> Micros.toInstant(clock.nowMicros()), nanoTime, verifying, loading, fetchMax),
          issuer -> telemetry.keysFailed(issuer.id()));
    } catch (IllegalArgumentException e) {
      throw new SettingException(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public CompletableFuture<Caller> bearer(String token) {
    if (token.length() > TOKEN_CHARS_MAX) {
      return refused(Unauthenticated.TOO_LONG);
    }
    Standing standing = bootstrap.standing(); // Before the look at the token.
    if (bootstrap.is(token)) {
      return CompletableFuture.completedFuture(Caller.bootstrap(standing));
    }
    if (claims.isEmpty()) {
      return refused(Unauthenticated.TOKEN);
    }
    ByteBuffer key = ByteBuffer.wrap(sha256(token));
    Remembered known = cache.getIfPresent(key);
    if (known != null && known.caller().standing().holds()) {
      return known.answer();
    }
    return tokens.verify(token).handle((verified, failure) -> answer(key, verified, failure));
  }

  @Override
  public Caller certificate(List<X509Certificate> chain) {
    return certificates.caller(chain);
  }

  private Caller answer(
      ByteBuffer key, @Nullable VerifiedToken token, @Nullable Throwable failure) {
    if (token == null) {
      throw failure instanceof TokenException refused
          ? refusal(refused.problem())
          : new IllegalStateException("a token could not be verified", failure);
    }
    TokenClaims ofIssuer = claims.get(token.issuer().id());
    if (ofIssuer == null) {
      throw new IllegalStateException("a token of an issuer without settings");
    }
    Caller caller = ofIssuer.caller(token);
    cache.put(key, new Remembered(caller, CompletableFuture.completedFuture(caller)));
    return caller;
  }

  private static RefusedException refusal(TokenProblem problem) {
    return switch (problem) {
      case MALFORMED -> Unauthenticated.MALFORMED.asException();
      case ISSUER -> Unauthenticated.ISSUER.asException();
      case ALGORITHM -> Unauthenticated.ALGORITHM.asException();
      case KEY -> Unauthenticated.KEY.asException();
      case SIGNATURE -> Unauthenticated.SIGNATURE.asException();
      case AUDIENCE -> Unauthenticated.AUDIENCE.asException();
      case EXPIRED -> Unauthenticated.EXPIRED.asException();
      case NOT_YET_VALID -> Unauthenticated.NOT_YET_VALID.asException();
      case CLAIMS -> Unauthenticated.CLAIMS.asException();
      case KEYS_UNAVAILABLE -> Unauthenticated.KEYS_UNAVAILABLE.asException();
      case OVERLOADED ->
          Refusal.of(Fault.OVERLOADED, "too many tokens wait to be verified")
              .with("queue", "identity")
              .asException();
    };
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static CompletableFuture<Caller> refused(Unauthenticated why) {
    return CompletableFuture.failedFuture(why.asException());
  }

  private static ThreadPoolExecutor pool(String name) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE_MAX),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** How old each issuer's keys are, in seconds, by its id; -1 without keys. For metrics. */
  public Map<String, DoubleSupplier> keyAges() {
    return tokens.keyAges();
  }

  /** Verifies and loads no more. */
  @Override
  public void close() {
    verifying.shutdownNow();
    loading.shutdownNow();
  }
}
