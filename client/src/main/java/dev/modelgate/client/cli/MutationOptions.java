package dev.modelgate.client.cli;

import dev.modelgate.client.internal.RpcError;
import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every mutation takes, and how it is repeated. */
final class MutationOptions {
  /** Between two attempts where the server asks for no particular wait. */
  private static final Duration RETRY_AFTER_DEFAULT = Duration.ofMillis(100);

  @Option(
      names = "--request-id",
      paramLabel = "ID",
      description = "Makes repeating the command safe for 24 hours. Default: a random one.")
  private @Nullable String requestId;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the change log.")
  private String reason = "";

  /** One attempt of a mutation. */
  @FunctionalInterface
  interface Attempt<T> {
    /**
     * Sends the request and waits for the answer.
     *
     * @param requestId the same in every attempt
     * @param baseRevision of the attempt whose outcome is unknown, or empty
     */
    T run(String requestId, String baseRevision) throws StatusException, InterruptedException;
  }

  String reason() {
    return reason;
  }

  /**
   * Runs a mutation, and once more if the first attempt was UNAVAILABLE or its outcome unknown: the
   * request id keeps it from being done twice, and the server's base revision from being done after
   * it was forgotten (hazard 20).
   *
   * @param patience a longer wait than this before the second attempt is not made
   */
  <T> T run(Environment environment, Duration patience, Attempt<T> attempt)
      throws StatusException, InterruptedException {
    String id = requestId == null ? UUID.randomUUID().toString() : requestId;
    try {
      return attempt.run(id, "");
    } catch (StatusException e) {
      RpcError error = RpcError.of(e);
      Optional<String> baseRevision = baseRevision(error);
      Duration delay = error.retryAfter().orElse(RETRY_AFTER_DEFAULT);
      if (baseRevision.isEmpty() || delay.compareTo(patience) > 0) {
        throw e;
      }
      environment.pause().await(delay);
      return attempt.run(id, baseRevision.get());
    }
  }

  /** What the second attempt sends, or empty if there must be none. */
  private static Optional<String> baseRevision(RpcError error) {
    if (error.reason().equals("OUTCOME_UNKNOWN")) {
      return Optional.ofNullable(error.metadata().get("base_revision"));
    }
    return error.code() == Status.Code.UNAVAILABLE && !error.reason().equals("REVISION_FUTURE")
        ? Optional.of("")
        : Optional.empty();
  }
}
