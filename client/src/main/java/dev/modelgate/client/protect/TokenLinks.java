package dev.modelgate.client.protect;

import dev.modelgate.client.identity.TokenVerifier;
import dev.modelgate.client.identity.TrustedIssuer;
import dev.modelgate.client.identity.VerifiedToken;
import dev.modelgate.client.protect.CredentialSource.TokenIssuer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Verifies the tokens of a document's issuers, and remembers {@value #REMEMBERED_MAX} of each
 * source by their SHA-256, as long as they and the key that verified them are good.
 */
final class TokenLinks implements AutoCloseable {
  /** The most tokens that are remembered of a source. */
  static final int REMEMBERED_MAX = 4_096;

  private static final int THREADS = 2;
  private static final int QUEUE_MAX = 1_024;

  /** Whom a token names. */
  record Named(String name, Instant until, VerifiedToken token) {}

  private final Supplier<Instant> now;
  private final ThreadPoolExecutor verifying = pool("modelgate-tokens");
  private final ThreadPoolExecutor loading = pool("modelgate-token-keys");
  private final IdentityHashMap<CredentialSource.Jwt, Source> sources = new IdentityHashMap<>();

  /** The issuers of one source, by their ids. */
  private record Source(
      TokenVerifier verifier, Map<String, TokenIssuer> issuers, Map<ByteBuffer, Named> known) {}

  TokenLinks(List<CredentialSource.Jwt> jwts, Supplier<Instant> now) {
    this.now = now;
    for (CredentialSource.Jwt jwt : jwts) {
      sources.put(jwt, source(jwt));
    }
  }

  private Source source(CredentialSource.Jwt jwt) {
    Map<String, TokenIssuer> issuers = new HashMap<>();
    jwt.issuers().forEach(issuer -> issuers.put(issuer.issuer().id(), issuer));
    List<TrustedIssuer> trusted = jwt.issuers().stream().map(TokenIssuer::issuer).toList();
    TokenVerifier.Environment environment =
        new TokenVerifier.Environment(
            now, System::nanoTime, verifying, loading, TokenVerifier.FETCH_MAX);
    try {
      return new Source(
          new TokenVerifier(trusted, environment, issuer -> {}), issuers, remembered());
    } catch (IllegalArgumentException e) {
      close();
      throw new ProtectionException(String.valueOf(e.getMessage()));
    }
  }

  /** Guarded by itself; the one that was not used for longest goes first. */
  private static Map<ByteBuffer, Named> remembered() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Named> eldest) {
        return size() > REMEMBERED_MAX;
      }
    };
  }

  /** Whom a token names; fails with TokenException or MalformedException. */
  CompletableFuture<Named> verify(CredentialSource.Jwt jwt, String token) {
    Source source = sources.get(jwt);
    if (source == null) {
      throw new IllegalStateException("a source of another document");
    }
    ByteBuffer key = ByteBuffer.wrap(sha256(token));
    synchronized (source.known()) {
      Named known = source.known().get(key);
      if (known != null
          && known.until().isAfter(now.get())
          && known.token().standing().getAsBoolean()) {
        return CompletableFuture.completedFuture(known);
      }
    }
    return source
        .verifier()
        .verify(token)
        .thenApply(
            verified -> {
              Named named = named(source, verified);
              synchronized (source.known()) {
                source.known().put(key, named);
              }
              return named;
            });
  }

  private static Named named(Source source, VerifiedToken token) {
    TokenIssuer issuer = source.issuers().get(token.issuer().id());
    if (issuer == null) {
      throw new IllegalStateException("a token of an issuer without settings");
    }
    String id =
        token
            .name(issuer.claim(), issuer.anyEmail())
            .orElseThrow(() -> new MalformedException("a token that names nobody"));
    return new Named(issuer.kind() + ":" + id, token.expires(), token);
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
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

  /** Verifies and loads no more. */
  @Override
  public void close() {
    verifying.shutdownNow();
    loading.shutdownNow();
  }
}
