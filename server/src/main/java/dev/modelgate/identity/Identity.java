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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
  private final List<Tokens.Issuer> issuers = new ArrayList<>();
  private final Tokens tokens;
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
    this(bootstrap, settings, clock, telemetry, System::nanoTime, KeyLoader.FETCH_MAX);
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
    for (IssuerSettings issuer : settings.issuers()) {
      IssuerKeys keys =
          new IssuerKeys(
              issuer.id(),
              new KeyLoader(issuer, fetchMax, loading)::load,
              issuer.refreshEvery(),
              issuer.staleMax(),
              nanoTime,
              () -> telemetry.keysFailed(issuer.id()));
      issuers.add(new Tokens.Issuer(issuer, new TokenClaims(issuer), keys));
      CompletableFuture<?> unused = keys.refresh();
    }
    this.tokens = new Tokens(issuers, clock, verifying);
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
    if (issuers.isEmpty()) {
      return refused(Unauthenticated.TOKEN);
    }
    ByteBuffer key = ByteBuffer.wrap(sha256(token));
    Remembered known = cache.getIfPresent(key);
    if (known != null && known.caller().standing().holds()) {
      return known.answer();
    }
    return tokens.verify(token).handle((caller, failure) -> answer(key, caller, failure));
  }

  @Override
  public Caller certificate(List<X509Certificate> chain) {
    return certificates.caller(chain);
  }

  private Caller answer(ByteBuffer key, @Nullable Caller caller, @Nullable Throwable failure) {
    if (caller == null) {
      throw failure instanceof RuntimeException e
          ? e
          : new IllegalStateException("a token could not be verified", failure);
    }
    cache.put(key, new Remembered(caller, CompletableFuture.completedFuture(caller)));
    return caller;
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
    Map<String, DoubleSupplier> ages = new LinkedHashMap<>();
    issuers.forEach(issuer -> ages.put(issuer.settings().id(), issuer.keys()::ageSeconds));
    return ages;
  }

  /** Verifies and loads no more. */
  @Override
  public void close() {
    verifying.shutdownNow();
    loading.shutdownNow();
  }
}
