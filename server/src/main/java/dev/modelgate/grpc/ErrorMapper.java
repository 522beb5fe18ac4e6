package dev.modelgate.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.modelgate.app.Telemetry;
import dev.modelgate.model.Fault;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.OutcomeUnknownException;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.v1.ErrorReason;
import dev.modelgate.v1.ItemError;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a refusal or a throwable becomes a gRPC status.
 *
 * <p>Every status carries exactly one {@code google.rpc.ErrorInfo} of domain {@value #DOMAIN},
 * whose reason is the name of the {@link Fault} and whose metadata has the refusal's variables, a
 * {@code BadRequest} when a field is to blame, and a {@code RetryInfo} when a retry helps
 * (AIP-193). Variables are written in snake_case, as the proto documents them. Nothing internal is
 * echoed: an unknown throwable is logged in full under a random id and answered with the id alone.
 *
 * <p>Never throws and never blocks.
 */
public final class ErrorMapper {
  /** The domain of every {@code ErrorInfo}. */
  public static final String DOMAIN = "modelgate.dev";

  /** The longest message, in bytes of UTF-8. */
  static final int MESSAGE_BYTES_MAX = 1024;

  /** The longest echo of an offending value in the metadata, in bytes of UTF-8. */
  static final int VALUE_BYTES_MAX = 64;

  private static final Logger log = LoggerFactory.getLogger(ErrorMapper.class);

  private static final Metadata.Key<com.google.rpc.Status> STATUS_DETAILS =
      Metadata.Key.of(
          "grpc-status-details-bin",
          io.grpc.protobuf.ProtoUtils.metadataMarshaller(
              com.google.rpc.Status.getDefaultInstance()));

  private final Telemetry telemetry;

  /** Maps, and tells of every refusal that a bound made. */
  public ErrorMapper(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  /** Maps, and tells nobody. */
  public ErrorMapper() {
    this(Telemetry.NONE);
  }

  /**
   * The status of anything that was thrown; one that carries our details already stays as it is.
   */
  public StatusRuntimeException toException(Throwable thrown) {
    Throwable cause = unwrapped(thrown);
    if (cause instanceof StatusRuntimeException status && isMapped(status.getTrailers())) {
      return status;
    }
    return toException(toRefusal(cause));
  }

  /** The status of a refusal. */
  public StatusRuntimeException toException(Refusal refusal) {
    count(refusal);
    var info =
        ErrorInfo.newBuilder()
            .setDomain(DOMAIN)
            .setReason(refusal.fault().name())
            .putAllMetadata(variables(refusal));
    var status =
        com.google.rpc.Status.newBuilder()
            .setCode(code(refusal.fault()).value())
            .setMessage(cut(refusal.message(), MESSAGE_BYTES_MAX))
            .addDetails(Any.pack(info.build()));
    if (!refusal.field().isEmpty()) {
      status.addDetails(Any.pack(badRequest(refusal)));
    }
    long retryMs = retryAfterMs(refusal.fault());
    if (retryMs > 0) {
      status.addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(duration(retryMs)).build()));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  /** What the status of a refusal says, as the failure of one item of a batch or a stream. */
  public ItemError toItemError(Refusal refusal) {
    count(refusal);
    ItemError.Builder error =
        ItemError.newBuilder()
            .setCode(code(refusal.fault()).value())
            .setMessage(cut(refusal.message(), MESSAGE_BYTES_MAX))
            .setReason(reason(refusal.fault()))
            .putAllMetadata(variables(refusal));
    long retryMs = retryAfterMs(refusal.fault());
    if (retryMs > 0) {
      error.setRetryAfter(duration(retryMs));
    }
    return error.build();
  }

  /** What a throwable means to the caller. Logs what is no fault of the caller. */
  public Refusal toRefusal(Throwable thrown) {
    Throwable cause = unwrapped(thrown);
    if (cause instanceof RefusedException refused) {
      return refused.refusal();
    }
    if (cause instanceof InvalidNameException name) {
      return Refusal.ofField(
          Fault.INVALID_FIELD, name.what(), name.value(), withoutPrefix(name.expected()));
    }
    if (cause instanceof CancellationException) {
      return Refusal.of(Fault.CANCELLED, "the call was cancelled");
    }
    if (cause instanceof OutcomeUnknownException) {
      log.warn("The outcome of a commit is unknown", cause);
      return Refusal.of(Fault.OUTCOME_UNKNOWN, "the commit failed midway and may or may not hold")
          .with("requestId", "")
          .with("baseRevision", "");
    }
    if (cause instanceof CorruptionException || cause instanceof UndecodableException) {
      return logged(Fault.STORE_DAMAGED, "stored data could not be verified", cause);
    }
    if (cause instanceof StoreException) {
      log.warn("The store could not answer", cause);
      return Refusal.of(Fault.STORE_UNAVAILABLE, "the store cannot be read or written now");
    }
    return logged(Fault.INTERNAL, "internal error", cause);
  }

  /** The gRPC code that a fault comes with. */
  static Status.Code code(Fault fault) {
    return switch (fault.category()) {
      case INVALID -> Status.Code.INVALID_ARGUMENT;
      case PRECONDITION -> Status.Code.FAILED_PRECONDITION;
      case DENIED -> Status.Code.PERMISSION_DENIED;
      case MISSING -> Status.Code.NOT_FOUND;
      case EXISTS -> Status.Code.ALREADY_EXISTS;
      case ABORTED -> Status.Code.ABORTED;
      case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
      case EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
      case UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case OUTCOME_UNKNOWN -> Status.Code.UNKNOWN;
      case DAMAGED -> Status.Code.DATA_LOSS;
      case CANCELLED -> Status.Code.CANCELLED;
      case UNIMPLEMENTED -> Status.Code.UNIMPLEMENTED;
      case INTERNAL -> Status.Code.INTERNAL;
    };
  }

  /** The published enum value of a fault. */
  static ErrorReason reason(Fault fault) {
    return ErrorReason.valueOf("ERROR_REASON_" + fault.name());
  }

  /** Whether trailers carry the details that this class writes. */
  static boolean isMapped(@org.jspecify.annotations.Nullable Metadata trailers) {
    return trailers != null && trailers.containsKey(STATUS_DETAILS);
  }

  private void count(Refusal refusal) {
    switch (refusal.fault()) {
      case OVERLOADED -> telemetry.limited(refusal.metadata().getOrDefault("queue", ""));
      case LIMIT_EXCEEDED -> telemetry.limited("size");
      case MEMBERSHIP_DEPTH -> telemetry.limited("group-depth");
      case INVALID_FIELD -> {
        if (refusal.field().equals("page_size")) {
          telemetry.limited("page");
        } else if (refusal.field().endsWith("condition")) {
          telemetry.limited("condition");
        }
      }
      default -> {}
    }
  }

  /** How long a caller should wait, in milliseconds; 0 when a retry does not help. */
  private static long retryAfterMs(Fault fault) {
    return switch (fault.category()) {
      case EXHAUSTED -> 50;
      case UNAVAILABLE, OUTCOME_UNKNOWN -> 1000;
      default -> 0;
    };
  }

  private static Refusal logged(Fault fault, String what, Throwable cause) {
    String id = UUID.randomUUID().toString();
    log.error("{} {}", what, id, cause);
    return Refusal.of(fault, what + ", logged as `" + id + "`").with("id", id);
  }

  private static Throwable unwrapped(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null
        && (cause instanceof CompletionException || cause instanceof ExecutionException)) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static BadRequest badRequest(Refusal refusal) {
    var violation =
        BadRequest.FieldViolation.newBuilder()
            .setField(refusal.field())
            .setDescription(cut(refusal.message(), MESSAGE_BYTES_MAX))
            .setReason(refusal.fault().name());
    return BadRequest.newBuilder().addFieldViolations(violation).build();
  }

  private static Map<String, String> variables(Refusal refusal) {
    Map<String, String> variables = new HashMap<>();
    refusal
        .metadata()
        .forEach(
            (key, value) ->
                variables.put(
                    snakeCase(key),
                    cut(value, key.equals("value") ? VALUE_BYTES_MAX : MESSAGE_BYTES_MAX)));
    return variables;
  }

  private static String snakeCase(String camelCase) {
    return camelCase.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  private static String withoutPrefix(String expected) {
    return expected.startsWith("expected: ") ? expected.substring("expected: ".length()) : expected;
  }

  private static Duration duration(long ms) {
    return Duration.newBuilder()
        .setSeconds(ms / 1000)
        .setNanos((int) (ms % 1000) * 1_000_000)
        .build();
  }

  /** The longest beginning of whole characters that fits. */
  private static String cut(String text, int bytesMax) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= bytesMax) {
      return text;
    }
    int end = bytesMax;
    while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}
