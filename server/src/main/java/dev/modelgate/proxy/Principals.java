package dev.modelgate.proxy;

import java.util.concurrent.CompletableFuture;

/** Finds who asks in the credentials of a request. Thread-safe, and never blocks. */
interface Principals {
  /**
   * Who asks.
   *
   * @return complete when it is known already; with a {@link dev.modelgate.model.RefusedException}:
   *     UNAUTHENTICATED when nobody is proven, OVERLOADED when too many tokens wait
   */
  CompletableFuture<Proven> of(ProxiedRequest request);
}
