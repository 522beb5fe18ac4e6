package dev.modelgate.client.internal;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A failed RPC, read once from its status and details (AIP-193).
 *
 * @param code the gRPC status code
 * @param message a sentence for a developer; never empty
 * @param reason the {@code ErrorReason} without its prefix; empty if the status has no ErrorInfo of
 *     the domain {@code modelgate.dev}, as when nobody listens
 * @param metadata the variables of the message, by name
 * @param violations the description of each field violation, by field, in their order
 * @param retryAfter how long to wait before a retry, never negative; empty if the server gave none
 */
public record RpcError(
    Status.Code code,
    String message,
    String reason,
    Map<String, String> metadata,
    Map<String, String> violations,
    Optional<Duration> retryAfter) {

  /** The domain of every ErrorInfo of Modelgate. */
  public static final String DOMAIN = "modelgate.dev";

  /** Longest retry delay that is taken at its word. */
  private static final Duration RETRY_AFTER_MAX = Duration.ofHours(1);

  /** Copies the maps' contents in their order. */
  public RpcError {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    violations = Collections.unmodifiableMap(new LinkedHashMap<>(violations));
  }

  /** Reads any failure; one without a gRPC status in its causes is UNKNOWN. Never throws. */
  public static RpcError of(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    ErrorInfo info = ErrorInfo.getDefaultInstance();
    Map<String, String> violations = new LinkedHashMap<>();
    Optional<Duration> retryAfter = Optional.empty();
    com.google.rpc.Status details = StatusProto.fromStatusAndTrailers(status, trailers(failure));
    try {
      for (Any detail : details.getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          ErrorInfo unpacked = detail.unpack(ErrorInfo.class);
          info = unpacked.getDomain().equals(DOMAIN) ? unpacked : info;
        } else if (detail.is(BadRequest.class)) {
          detail
              .unpack(BadRequest.class)
              .getFieldViolationsList()
              .forEach(each -> violations.put(each.getField(), each.getDescription()));
        } else if (detail.is(RetryInfo.class)) {
          retryAfter = Optional.of(bounded(detail.unpack(RetryInfo.class).getRetryDelay()));
        }
      }
    } catch (InvalidProtocolBufferException e) {
      // Details that cannot be read say nothing; the status itself still counts.
      return new RpcError(
          status.getCode(), describe(status), "", Map.of(), Map.of(), Optional.empty());
    }
    return new RpcError(
        status.getCode(),
        describe(status),
        info.getReason(),
        info.getMetadataMap(),
        violations,
        retryAfter);
  }

  /** The reason or, where the server gave none, the name of the status code. Never empty. */
  public String reasonOrCode() {
    return reason.isEmpty() ? code.name() : reason;
  }

  private static Metadata trailers(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      Metadata trailers = null;
      if (at instanceof StatusRuntimeException e) {
        trailers = e.getTrailers();
      } else if (at instanceof StatusException e) {
        trailers = e.getTrailers();
      }
      if (trailers != null) {
        return trailers;
      }
    }
    return new Metadata();
  }

  private static Duration bounded(com.google.protobuf.Duration wire) {
    long seconds = Math.max(0, Math.min(RETRY_AFTER_MAX.toSeconds(), wire.getSeconds()));
    return Duration.ofSeconds(seconds, Math.max(0, wire.getNanos()));
  }

  /** The description, with what the transport says below it: "io exception" alone helps nobody. */
  private static String describe(Status status) {
    String description = status.getDescription();
    String message = description == null || description.isEmpty() ? name(status) : description;
    @Nullable Throwable cause = status.getCause();
    String last = "";
    for (int depth = 0; cause != null && depth < 8; depth++, cause = cause.getCause()) {
      String text = cause.getMessage();
      last = text == null ? last : text;
    }
    return last.isEmpty() || message.contains(last) ? message : message + ": " + last;
  }

  private static String name(Status status) {
    return status.getCode().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
