package dev.modelgate.client;

import com.google.protobuf.Any;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.modelgate.client.Answer.Outcome;
import dev.modelgate.client.internal.RpcError;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.ErrorReason;
import dev.modelgate.v1.ItemError;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The one place where questions and answers meet the wire contract. Nothing here blocks. */
final class WireConverter {
  private static final String REASON_PREFIX = "ERROR_REASON_";

  private WireConverter() {}

  static CheckRequest toWire(Question question) {
    CheckRequest.Builder request =
        CheckRequest.newBuilder()
            .setPrincipal(question.principal())
            .setModel(question.model())
            .setAction(question.action())
            .addAllActingThrough(question.actingThrough())
            .setLinkSecret(question.linkSecret());
    if (!question.context().isEmpty()) {
      request.setContext(toStruct(question.context()));
    }
    return request.build();
  }

  /** Reads a decision; one that is unspecified or unknown is a denial with a cause. */
  static Answer toAnswer(CheckResponse response) {
    return switch (response.getDecision()) {
      case DECISION_ALLOW -> decided(response, Outcome.ALLOWED);
      case DECISION_DENY -> decided(response, Outcome.DENIED);
      case DECISION_CONDITIONAL -> decided(response, Outcome.CONDITIONAL);
      case DECISION_UNSPECIFIED, UNRECOGNIZED ->
          Answer.failed(
              "UNKNOWN_DECISION",
              new IllegalStateException(
                  "decision: `"
                      + response.getDecisionValue()
                      + "` (expected: one that this client knows)"));
    };
  }

  /**
   * Reads the answers of a batch.
   *
   * @param size how many questions it had; another number of results denies them all
   */
  static List<Answer> toAnswers(int size, BatchCheckResponse response) {
    if (response.getResultsCount() != size) {
      IllegalStateException cause =
          new IllegalStateException(
              "results: " + response.getResultsCount() + " (expected: " + size + ")");
      return Collections.nCopies(size, Answer.failed("UNKNOWN_DECISION", cause));
    }
    return response.getResultsList().stream()
        .map(
            result ->
                switch (result.getResultCase()) {
                  case RESPONSE -> toAnswer(result.getResponse());
                  case ERROR -> toAnswer(result.getError());
                  case RESULT_NOT_SET -> empty();
                })
        .toList();
  }

  /**
   * Reads the failure of one item; its cause is what a failed Check would have thrown. A code that
   * is none, or that of success, is UNKNOWN; a reason that is not given, or that this client does
   * not know, is left out.
   */
  static Answer toAnswer(ItemError error) {
    Code code = io.grpc.Status.fromCodeValue(error.getCode()).getCode();
    Status.Builder status =
        Status.newBuilder()
            .setCode(code == Code.OK ? Code.UNKNOWN.value() : code.value())
            .setMessage(error.getMessage());
    String reason = error.getReason().name();
    boolean given = error.getReason() != ErrorReason.ERROR_REASON_UNSPECIFIED;
    if (given && reason.startsWith(REASON_PREFIX)) {
      status.addDetails(
          Any.pack(
              ErrorInfo.newBuilder()
                  .setDomain(RpcError.DOMAIN)
                  .setReason(reason.substring(REASON_PREFIX.length()))
                  .putAllMetadata(error.getMetadataMap())
                  .build()));
    }
    if (error.hasRetryAfter()) {
      status.addDetails(
          Any.pack(RetryInfo.newBuilder().setRetryDelay(error.getRetryAfter()).build()));
    }
    return toAnswer(StatusProto.toStatusRuntimeException(status.build()));
  }

  /** Reads a failure as a denial that keeps it. */
  static Answer toAnswer(Throwable failure) {
    return Answer.failed(RpcError.of(failure).reasonOrCode(), failure);
  }

  /** Reads what is told of a watched access; that it has ended unasked, too, is a failure. */
  static Answer toAnswer(WatchAccessResponse response) {
    return switch (response.getResultCase()) {
      case RESPONSE -> toAnswer(response.getResponse());
      case ERROR -> toAnswer(response.getError());
      case ENDED, RESULT_NOT_SET -> empty();
    };
  }

  /** An answer that neither decides nor fails, as a newer or broken server might send. */
  static Answer empty() {
    return Answer.failed(
        "UNKNOWN_DECISION", new IllegalStateException("result: not set (expected: one)"));
  }

  private static Answer decided(CheckResponse response, Outcome outcome) {
    return new Answer(
        outcome,
        response.getReason(),
        response.getRevision(),
        response.hasValidUntil() ? toInstant(response.getValidUntil()) : Optional.empty(),
        response.getDeniedLink(),
        response.getMissingAttributesList(),
        Optional.empty());
  }

  private static Optional<Instant> toInstant(Timestamp wire) {
    try {
      return Optional.of(Instant.ofEpochSecond(wire.getSeconds(), wire.getNanos()));
    } catch (DateTimeException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Struct toStruct(Map<?, ?> map) {
    Struct.Builder struct = Struct.newBuilder();
    map.forEach((key, value) -> struct.putFields((String) key, toValue(value)));
    return struct.build();
  }

  private static Value toValue(Object value) {
    Value.Builder wire = Value.newBuilder();
    if (value instanceof String string) {
      wire.setStringValue(string);
    } else if (value instanceof Boolean bool) {
      wire.setBoolValue(bool);
    } else if (value instanceof Number number) {
      wire.setNumberValue(number.doubleValue());
    } else if (value instanceof Map<?, ?> map) {
      wire.setStructValue(toStruct(map));
    } else if (value instanceof List<?> list) {
      ListValue.Builder values = ListValue.newBuilder();
      list.forEach(element -> values.addValues(toValue(element)));
      wire.setListValue(values);
    } else {
      throw new IllegalStateException("a question holds only values that it checked");
    }
    return wire.build();
  }
}
