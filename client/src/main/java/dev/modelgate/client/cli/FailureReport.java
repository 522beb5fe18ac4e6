package dev.modelgate.client.cli;

import com.google.protobuf.Struct;
import dev.modelgate.client.internal.RpcError;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.Map;

/**
 * A failure as it is shown.
 *
 * @param message one line
 * @param code the gRPC status, or empty if no RPC failed
 * @param reason the server's error reason, or empty
 * @param violations field violations by field
 * @param metadata the variables of the message
 */
record FailureReport(
    String message,
    String code,
    String reason,
    Map<String, String> violations,
    Map<String, String> metadata) {

  static FailureReport of(Throwable failure) {
    if (failure instanceof StatusException || failure instanceof StatusRuntimeException) {
      RpcError error = RpcError.of(failure);
      return new FailureReport(
          oneLine(error.message()),
          error.code().name(),
          error.reason(),
          error.violations(),
          error.metadata());
    }
    String message = failure.getMessage();
    boolean explained =
        failure instanceof CliException || failure instanceof IllegalArgumentException;
    String text =
        explained && message != null
            ? message
            : failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    return new FailureReport(oneLine(text), "", "", Map.of(), Map.of());
  }

  /** {@code error: ...}, then the reason and each violation on a line of its own. */
  String toText() {
    StringBuilder text = new StringBuilder("error: ").append(message);
    if (!reason.isEmpty()) {
      text.append(System.lineSeparator()).append("reason: ").append(reason);
    }
    violations.forEach(
        (field, description) ->
            text.append(System.lineSeparator())
                .append("field ")
                .append(field)
                .append(": ")
                .append(oneLine(description)));
    return text.toString();
  }

  /** An object with the one field {@code error}. */
  String toJson() {
    Struct.Builder error = Struct.newBuilder().putFields("message", Json.string(message));
    putUnlessEmpty(error, "code", code);
    putUnlessEmpty(error, "reason", reason);
    putUnlessEmpty(error, "metadata", metadata);
    putUnlessEmpty(error, "violations", violations);
    return Json.pretty(Struct.newBuilder().putFields("error", Json.struct(error.build())));
  }

  private static void putUnlessEmpty(Struct.Builder into, String name, String value) {
    if (!value.isEmpty()) {
      into.putFields(name, Json.string(value));
    }
  }

  private static void putUnlessEmpty(Struct.Builder into, String name, Map<String, String> map) {
    if (!map.isEmpty()) {
      Struct.Builder struct = Struct.newBuilder();
      map.forEach((key, value) -> struct.putFields(key, Json.string(value)));
      into.putFields(name, Json.struct(struct.build()));
    }
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ");
  }
}
