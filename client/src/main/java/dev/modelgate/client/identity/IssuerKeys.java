package dev.modelgate.client.identity;

import com.nimbusds.jose.JWSVerifier;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of an issuer over time. Thread-safe; nothing here blocks.
 *
 * <p>Invariants: at most one load runs, and none begins within {@link #INTERVAL_MIN} after the last
 * one began, whatever tokens ask for; keys that could not be loaded again for the stale time verify
 * nothing more; a key that one load gives after another keeps its verifier, so that what was
 * verified by it stays verified.
 */
final class IssuerKeys {
  /** The least time between the beginnings of two loads. */
  static final Duration INTERVAL_MIN = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);
  private static final CompletableFuture<@Nullable Void> DONE =
      CompletableFuture.completedFuture(null);

  /** Keys, and when their load began. */
  private record Known(KeySet keys, long sinceNanos) {}

  private final String issuer;
  private final Supplier<CompletableFuture<KeySet>> loader;
  private final long refreshNanos;
  private final long staleNanos;
  private final LongSupplier nanoTime;
  private final Runnable onFailure;

  private volatile @Nullable Known known;
  // Guarded by this.
  private @Nullable CompletableFuture<@Nullable Void> loading;
  private boolean attempted;
  private long attemptNanos;

  /**
   * Knows no keys yet.
   *
   * @param issuer for the log
   * @param loader loads the keys; must not block
   * @param refreshEvery how old keys get before they are loaded again
   * @param staleMax how old keys get before they verify nothing
   * @param nanoTime as {@link System#nanoTime}
   * @param onFailure told of each load that fails
   */
  IssuerKeys(
      String issuer,
      Supplier<CompletableFuture<KeySet>> loader,
      Duration refreshEvery,
      Duration staleMax,
      LongSupplier nanoTime,
      Runnable onFailure) {
    this.issuer = issuer;
    this.loader = loader;
    this.refreshNanos = refreshEvery.toNanos();
    this.staleNanos = staleMax.toNanos();
    this.nanoTime = nanoTime;
    this.onFailure = onFailure;
  }

  /** The keys to verify by, if there are any; begins a load when they are old. */
  @Nullable KeySet current() {
    Known now = known;
    long age = now == null ? Long.MAX_VALUE : nanoTime.getAsLong() - now.sinceNanos();
    if (age >= refreshNanos) {
      CompletableFuture<@Nullable Void> unused = refresh();
    }
    return now == null || age >= staleNanos ? null : now.keys();
  }

  /** Whether that is one of the keys to verify by. */
  boolean has(JWSVerifier verifier) {
    KeySet keys = current();
    return keys != null && keys.has(verifier);
  }

  /**
   * Loads the keys unless that was done a moment ago.
   *
   * @return completes, never with a failure, when the load that runs has ended; at once when none
   *     may begin
   */
  synchronized CompletableFuture<@Nullable Void> refresh() {
    CompletableFuture<@Nullable Void> running = loading;
    if (running != null) {
      return running;
    }
    long now = nanoTime.getAsLong();
    if (attempted && now - attemptNanos < INTERVAL_MIN.toNanos()) {
      return DONE;
    }
    attempted = true;
    attemptNanos = now;
    CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    loading = ended;
    CompletableFuture<Void> unused =
        load()
            .handle(
                (keys, failure) -> {
                  loaded(keys, failure, now);
                  ended.complete(null);
                  return null;
                });
    return ended;
  }

  /** How old the keys are, in seconds; -1 when there are none. For metrics. */
  double ageSeconds() {
    Known now = known;
    return now == null ? -1 : (nanoTime.getAsLong() - now.sinceNanos()) / 1e9;
  }

  private CompletableFuture<KeySet> load() {
    try {
      return loader.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e); // Its executor has no room.
    }
  }

  private synchronized void loaded(
      @Nullable KeySet keys, @Nullable Throwable failure, long sinceNanos) {
    loading = null;
    if (keys == null) {
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      log.warn("the keys of issuer {} cannot be had: {}", issuer, String.valueOf(cause));
      onFailure.run();
      return;
    }
    Known before = known;
    // Keys that were stale meanwhile do not come back: what they verified has ended.
    boolean goOn = before != null && nanoTime.getAsLong() - before.sinceNanos() < staleNanos;
    known = new Known(goOn && before != null ? keys.after(before.keys()) : keys, sinceNanos);
    if (before == null || !keys.isSameAs(before.keys())) {
      log.info("issuer {} has {} keys to verify by", issuer, keys.size());
    }
  }
}
