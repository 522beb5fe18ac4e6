package dev.modelgate.grpc;

import dev.modelgate.app.sharing.Requester;
import io.grpc.Context;

/** Who asks the admin plane in the present call; {@link AdminAuthInterceptor} puts him there. */
final class RequesterContext {
  static final Context.Key<Requester> KEY = Context.key("modelgate-requester");

  private RequesterContext() {}
}
