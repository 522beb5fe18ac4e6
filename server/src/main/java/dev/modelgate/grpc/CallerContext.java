package dev.modelgate.grpc;

import dev.modelgate.app.identity.Asking;
import dev.modelgate.app.identity.Caller;
import io.grpc.Context;

/** The caller of the present call; without one, somebody on this machine without a credential. */
final class CallerContext {
  static final Context.Key<Caller> KEY =
      Context.keyWithDefault("modelgate-caller", Caller.UNAUTHENTICATED);

  /** What the caller of the present call may ask; anything without a credential. */
  static final Context.Key<Asking> ASKING = Context.keyWithDefault("modelgate-asking", Asking.FREE);

  private CallerContext() {}
}
