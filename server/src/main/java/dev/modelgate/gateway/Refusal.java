package dev.modelgate.gateway;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.modelgate.client.internal.RpcError;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/**
 * How a call ends that does not pass: a status with one ErrorInfo of the domain {@code
 * modelgate.dev}.
 *
 * @param status with a description
 * @param trailers with the details
 */
public record Refusal(Status status, Metadata trailers) {

  /**
   * With these words.
   *
   * @param reason in UPPER_SNAKE
   */
  public static Refusal of(Status.Code code, String message, String reason) {
    StatusRuntimeException failure =
        StatusProto.toStatusRuntimeException(
            com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage(message)
                .addDetails(
                    Any.pack(
                        ErrorInfo.newBuilder()
                            .setDomain(RpcError.DOMAIN)
                            .setReason(reason)
                            .build()))
                .build());
    Metadata trailers = failure.getTrailers();
    return new Refusal(failure.getStatus(), trailers == null ? new Metadata() : trailers);
  }

  /** The message names no model, or there was none, or no rule knows the method. */
  public static Refusal unmapped(String why) {
    return of(Status.Code.PERMISSION_DENIED, why, "NO_MODEL");
  }

  /** The message can be read in more than one way, or in none. */
  public static Refusal malformed(String why) {
    return of(Status.Code.INVALID_ARGUMENT, why, "REQUEST_MALFORMED");
  }

  /** Nobody could be asked. */
  public static Refusal unavailable() {
    return of(Status.Code.UNAVAILABLE, "authorization unavailable", "AUTHORIZATION_UNAVAILABLE");
  }

  /**
   * A bound of the gateway is reached; it may be free again in a moment.
   *
   * @param limit its name, as {@code docs/security.md} has it
   */
  static Refusal busy(String limit) {
    return of(Status.Code.RESOURCE_EXHAUSTED, "the gateway is busy: " + limit, "OVERLOADED");
  }
}
