package dev.modelgate.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Authenticates calls that need no credential but may have one; puts the caller in the context.
 * Calls without one cost nothing: they go on as they came.
 */
final class CallerInterceptor implements ServerInterceptor {
  private final Authentication authentication;
  private final ErrorMapper errors;

  CallerInterceptor(Authentication authentication, ErrorMapper errors) {
    this.authentication = authentication;
    this.errors = errors;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (authentication.isUnidentified(headers, call.getAttributes())) {
      return next.startCall(call, headers);
    }
    return new IdentifiedCall<>(call, headers, next, authentication, errors)
        .start(
            caller ->
                Context.current()
                    .withValues(
                        CallerContext.KEY,
                        caller,
                        CallerContext.ASKING,
                        authentication.rules().checking(caller)));
  }
}
