package dev.modelgate.client.cli;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import dev.modelgate.client.internal.RpcError;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every mutation takes, and how it is repeated. */
final class MutationOptions {
  /** Between two attempts where the server asks for no particular wait. */
  private static final Duration RETRY_AFTER_DEFAULT = Duration.ofMillis(100);

  private static final int REQUEST_ID = 100;
  private static final int BASE_REVISION = 102;

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

  /** The RPC of a command that changes something. */
  @FunctionalInterface
  interface Change<Q, T> {
    /**
     * Sends the request and waits for the answer.
     *
     * @param stub with the deadline
     * @param request with the same request id in every attempt
     */
    T send(AdminServiceBlockingV2Stub stub, Q request) throws StatusException;
  }

  String reason() {
    return reason;
  }

  /** The id that was given, or empty. */
  Optional<String> requestId() {
    return Optional.ofNullable(requestId);
  }

  /**
   * Makes a change and prints its outcome; below {@code preview} asks what it would do and prints
   * that.
   *
   * @param request without request id and base revision
   * @param toText the outcome for people
   * @return exit code 0
   */
  <Q extends Message, T extends Message> int change(
      Environment environment,
      AdminOptions admin,
      CommonOptions common,
      Q request,
      Change<Q, T> change,
      Function<T, String> toText)
      throws StatusException, InterruptedException {
    Optional<PreviewCommand> preview = PreviewCommand.above(common.spec());
    try (AdminConnection connection = admin.connect(environment, common)) {
      if (preview.isPresent()) {
        preview.get().print(connection, common, attempt(request, requestId().orElse(""), ""));
        return 0;
      }
      T response =
          run(
              environment,
              common.timeout(),
              (id, baseRevision) ->
                  change.send(
                      connection.within(common.timeout()), attempt(request, id, baseRevision)));
      common.print(common.json() ? Json.pretty(response) : toText.apply(response));
    }
    return 0;
  }

  /** The request with what has the same number in every mutation. */
  private static <Q extends Message> Q attempt(Q request, String id, String baseRevision) {
    Descriptor type = request.getDescriptorForType();
    Message attempt =
        request.toBuilder()
            .setField(type.findFieldByNumber(REQUEST_ID), id)
            .setField(type.findFieldByNumber(BASE_REVISION), baseRevision)
            .build();
    @SuppressWarnings("unchecked") // A builder of a message builds such a message.
    Q same = (Q) attempt;
    return same;
  }

  /** As the other overload, under the id that was given or a random one. */
  private <T> T run(Environment environment, Duration patience, Attempt<T> attempt)
      throws StatusException, InterruptedException {
    String id = requestId().orElseGet(() -> UUID.randomUUID().toString());
    return run(id, environment, patience, attempt);
  }

  /**
   * Runs a mutation, and once more if the first attempt was UNAVAILABLE or its outcome unknown: the
   * request id keeps it from being done twice, and the server's base revision from being done after
   * it was forgotten (hazard 20).
   *
   * @param patience a longer wait than this before the second attempt is not made
   */
  static <T> T run(String id, Environment environment, Duration patience, Attempt<T> attempt)
      throws StatusException, InterruptedException {
    try {
      return attempt.run(id, "");
    } catch (StatusException e) {
      RpcError error = RpcError.of(e);
      Duration delay = error.retryAfter().orElse(RETRY_AFTER_DEFAULT);
      if (!mayHaveBeenDone(error) || delay.compareTo(patience) > 0) {
        throw e;
      }
      environment.pause().await(delay);
      return attempt.run(id, error.metadata().getOrDefault("base_revision", ""));
    }
  }

  /** Whether nobody knows what became of an attempt, so that it may and must be repeated. */
  static boolean mayHaveBeenDone(RpcError error) {
    return error.reason().equals("OUTCOME_UNKNOWN")
        || error.code() == Status.Code.UNAVAILABLE && !error.reason().equals("REVISION_FUTURE");
  }
}
