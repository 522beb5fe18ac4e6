package dev.modelgate.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Authenticates calls that need a credential; puts the caller and the requester in the context. */
final class AdminAuthInterceptor implements ServerInterceptor {
  private final Authentication authentication;
  private final ErrorMapper errors;

  AdminAuthInterceptor(Authentication authentication, ErrorMapper errors) {
    this.authentication = authentication;
    this.errors = errors;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new IdentifiedCall<>(call, headers, next, authentication, errors)
        .start(
            caller ->
                Context.current()
                    .withValues(
                        CallerContext.KEY,
                        caller,
                        CallerContext.ASKING,
                        authentication.rules().listing(caller),
                        RequesterContext.KEY,
                        Requesters.of(
                            caller,
                            headers,
                            authentication.rules(),
                            () -> !authentication.isExpired(caller))));
  }
}
