package dev.modelgate.client.cli;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.modelgate.client.internal.RpcError;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.Map;

/**
 * A failure as it is shown.
 *
 * @param message one line
 * @param code the gRPC status; {@value #USAGE} if the command line is wrong, {@value #LOCAL} if the
 *     failure is on this side
 * @param reason the server's error reason, or empty
 * @param metadata the variables of the message
 * @param violations field violations by field
 * @param hint how to go on, or empty
 */
record FailureReport(
    String message,
    String code,
    String reason,
    Map<String, String> metadata,
    Map<String, String> violations,
    String hint) {

  private static final String USAGE = "USAGE";
  private static final String LOCAL = "LOCAL";

  static FailureReport of(Throwable failure) {
    if (failure instanceof PlacedException placed) {
      FailureReport cause = of(placed.getCause());
      return new FailureReport(
          placed.place() + cause.message(),
          cause.code(),
          cause.reason(),
          cause.metadata(),
          cause.violations(),
          placed.hint());
    }
    if (failure instanceof StatusException || failure instanceof StatusRuntimeException) {
      RpcError error = RpcError.of(failure);
      return new FailureReport(
          oneLine(error.message()),
          error.code().name(),
          error.reason(),
          error.metadata(),
          error.violations(),
          "");
    }
    String message = failure.getMessage();
    boolean explained =
        failure instanceof CliException || failure instanceof IllegalArgumentException;
    String text =
        explained && message != null
            ? message
            : failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    return local(LOCAL, text, "");
  }

  static FailureReport ofUsage(String message, String hint) {
    return local(USAGE, message, hint);
  }

  /** {@code error: ... (hint)}, then the reason and each violation on a line of its own. */
  String toText() {
    StringBuilder text = new StringBuilder("error: ").append(message);
    if (!hint.isEmpty()) {
      text.append(" (").append(hint).append(")");
    }
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

  /**
   * An object with the one field {@code error}, whose fields are always there.
   *
   * @param trace the stack trace, or empty to leave it out
   */
  String toJson(String trace) {
    Struct.Builder error =
        Struct.newBuilder()
            .putFields("message", Json.string(message))
            .putFields("code", Json.string(code))
            .putFields("reason", Json.string(reason))
            .putFields("metadata", toJson(metadata))
            .putFields("violations", toJson(violations))
            .putFields("hint", Json.string(hint));
    if (!trace.isEmpty()) {
      error.putFields("trace", Json.string(trace));
    }
    return Json.pretty(Struct.newBuilder().putFields("error", Json.struct(error.build())));
  }

  private static FailureReport local(String code, String message, String hint) {
    return new FailureReport(oneLine(message), code, "", Map.of(), Map.of(), hint);
  }

  private static Value toJson(Map<String, String> map) {
    Struct.Builder struct = Struct.newBuilder();
    map.forEach((key, value) -> struct.putFields(key, Json.string(value)));
    return Json.struct(struct.build());
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ");
  }
}
