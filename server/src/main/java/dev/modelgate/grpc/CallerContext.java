package dev.modelgate.grpc;

import dev.modelgate.app.identity.Caller;
import io.grpc.Context;

/** The caller of the present call; without one, somebody on this machine without a credential. */
final class CallerContext {
  static final Context.Key<Caller> KEY =
      Context.keyWithDefault("modelgate-caller", Caller.UNAUTHENTICATED);

  private CallerContext() {}
}
