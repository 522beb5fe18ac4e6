package dev.modelgate.client.grpc;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.modelgate.client.Answer;
import dev.modelgate.client.internal.RpcError;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;

/**
 * How a refused call ends: a status with one ErrorInfo.
 *
 * @param status with a description
 * @param trailers with the details
 */
record Denial(Status status, Metadata trailers) {
  /** Where gRPC has the details of a status. */
  private static final Metadata.Key<com.google.rpc.Status> DETAILS =
      Metadata.Key.of(
          "grpc-status-details-bin",
          ProtoUtils.metadataMarshaller(com.google.rpc.Status.getDefaultInstance()));

  /** Nobody is proven to call. */
  static Denial unauthenticated() {
    return of(Status.Code.UNAUTHENTICATED, "no authenticated principal", "UNAUTHENTICATED");
  }

  /** The message names no model, or cannot be mapped. */
  static Denial unmapped() {
    return of(Status.Code.PERMISSION_DENIED, "the request names no model", "NO_MODEL");
  }

  /**
   * The message can be read in more than one way, or in none.
   *
   * @param why has nothing of the message
   */
  static Denial malformed(String why) {
    return of(Status.Code.INVALID_ARGUMENT, why, "REQUEST_MALFORMED");
  }

  /**
   * From an answer that does not allow. A question that the sidecar refuses is PERMISSION_DENIED,
   * for asking again does not help; one that it could not answer is UNAVAILABLE.
   */
  static Denial of(Answer answer) {
    if (answer.cause().isPresent()
        && RpcError.of(answer.cause().get()).code() != Status.Code.INVALID_ARGUMENT) {
      return of(Status.Code.UNAVAILABLE, "authorization unavailable", "AUTHORIZATION_UNAVAILABLE");
    }
    String reason = answer.reason().isEmpty() ? answer.outcome().name() : answer.reason();
    return of(Status.Code.PERMISSION_DENIED, reason, reason);
  }

  private static Denial of(Status.Code code, String message, String reason) {
    Metadata trailers = new Metadata();
    // No exception is made for it: hundreds of calls may have to be cut at a time.
    trailers.put(
        DETAILS,
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage(message)
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder().setDomain(RpcError.DOMAIN).setReason(reason).build()))
            .build());
    return new Denial(code.toStatus().withDescription(message), trailers);
  }
}
