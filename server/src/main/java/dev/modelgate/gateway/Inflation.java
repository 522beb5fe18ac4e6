package dev.modelgate.gateway;

import dev.modelgate.client.protect.MethodRule;
import dev.modelgate.client.protect.Outcome;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Reads messages that came compressed, on threads of its own: a few bytes can inflate to many, and
 * an event loop has other calls. Nothing inflated is kept.
 */
public final class Inflation implements AutoCloseable {
  private static final int WAITING_MAX = 1_024;

  private final int bytesMax;
  private final ThreadPoolExecutor threads;

  /**
   * @param bytesMax the most bytes of a message when it is inflated; more is malformed
   * @param threads how many messages are inflated at once; {@value #WAITING_MAX} more may wait
   */
  public Inflation(int bytesMax, int threads) {
    this.bytesMax = bytesMax;
    this.threads =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            task -> {
              Thread thread = new Thread(task, "modelgate-inflate");
              thread.setDaemon(true);
              return thread;
            });
    this.threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Reads a message, and judges what it asks for.
   *
   * @param encoding {@code gzip} or {@code deflate}
   * @param judge runs on one of the threads
   */
  CompletableFuture<Optional<Refusal>> read(
      Guard.Message message,
      String encoding,
      MethodRule rule,
      Function<Outcome, CompletableFuture<Optional<Refusal>>> judge) {
    try {
      return CompletableFuture.supplyAsync(() -> read(message, encoding, rule), threads)
          .thenCompose(
              read ->
                  read instanceof Read.Refused refused
                      ? CompletableFuture.completedFuture(Optional.of(refused.refusal()))
                      : judge.apply(((Read.Asks) read).outcome()));
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(Optional.of(Refusal.busy("gateway-inflation")));
    }
  }

  private sealed interface Read {
    record Asks(Outcome outcome) implements Read {}

    record Refused(Refusal refusal) implements Read {}
  }

  private Read read(Guard.Message message, String encoding, MethodRule rule) {
    try {
      return new Read.Asks(
          message.look(
              bytes -> {
                try (Inflated inflated = new Inflated(bytes, encoding, bytesMax)) {
                  return rule.read(inflated);
                }
              }));
    } catch (UncheckedIOException e) {
      return refused(Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      return refused(e);
    }
  }

  private static Read refused(IOException failure) {
    return new Read.Refused(
        failure instanceof Inflated.TooLongException
            ? Refusal.of(
                Status.Code.RESOURCE_EXHAUSTED,
                "a message of " + failure.getMessage(),
                "LIMIT_EXCEEDED")
            : Refusal.malformed("a compressed message that cannot be inflated"));
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
