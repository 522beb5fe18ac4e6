package dev.modelgate.grpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.function.BiPredicate;

/**
 * Authenticates calls that need no credential but may have one; puts the caller in the context.
 * Calls without one cost nothing: they go on as they came.
 */
final class CallerInterceptor implements ServerInterceptor {
  private final Authentication authentication;
  private final BiPredicate<Metadata, Attributes> goesOn;
  private final ErrorMapper errors;

  /**
   * @param goesOn whether a call with those headers, over that connection, has no credential and
   *     needs none
   */
  CallerInterceptor(
      Authentication authentication, BiPredicate<Metadata, Attributes> goesOn, ErrorMapper errors) {
    this.authentication = authentication;
    this.goesOn = goesOn;
    this.errors = errors;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (goesOn.test(headers, call.getAttributes())) {
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
