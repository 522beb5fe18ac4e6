package dev.modelgate.gateway;

import dev.modelgate.client.internal.RpcError;

/** Reads why a call was refused. */
final class Reasons {
  private Reasons() {}

  /** The reason of its ErrorInfo; empty without one. */
  static String of(Caller.Ended ended) {
    return RpcError.of(ended.status().asRuntimeException(ended.trailers())).reason();
  }
}
