package dev.modelgate.grpc;

import dev.modelgate.app.sharing.Requester;
import io.grpc.Context;

/** Seam; the edge's replaces it. */
final class RequesterContext {
  static final Context.Key<Requester> KEY = Context.key("modelgate-requester");

  private RequesterContext() {}
}
