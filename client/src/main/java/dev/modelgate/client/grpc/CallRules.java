package dev.modelgate.client.grpc;

import dev.modelgate.client.grpc.RequestMapper.Target;
import io.grpc.Attributes;
import io.grpc.Metadata;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What calls are judged by: which pass unasked, who asks, and what their messages ask for. */
interface CallRules {

  /**
   * Who asks.
   *
   * @param actingThrough nearest to the principal first
   * @param until when the first of the credentials ends
   */
  record Asker(String principal, List<String> actingThrough, Instant until) {}

  /**
   * What a message asks for.
   *
   * @param targets all of them must be allowed; none: it passes
   * @param denial when it does not pass whatever is allowed
   */
  record Asked(List<Target> targets, Optional<Denial> denial) {
    static Asked of(List<Target> targets) {
      return new Asked(targets, Optional.empty());
    }

    static Asked denied(Denial denial) {
      return new Asked(List.of(), Optional.of(denial));
    }
  }

  /**
   * Whether calls of a method pass unasked.
   *
   * @param method the full method name
   */
  boolean passes(String method);

  /** Who asks, or empty when nobody is proven to; never completes exceptionally. */
  CompletableFuture<Optional<Asker>> asker(Metadata headers, Attributes attributes);

  /**
   * What a message asks for.
   *
   * @param first whether none has passed before it
   */
  Asked read(String method, Object message, boolean first);
}
