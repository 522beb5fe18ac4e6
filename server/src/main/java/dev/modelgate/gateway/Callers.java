package dev.modelgate.gateway;

import io.grpc.Attributes;
import io.grpc.Metadata;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Tells who calls. Thread-safe; must not block. */
@FunctionalInterface
public interface Callers {
  /**
   * Somebody who is proven.
   *
   * @param principal such as {@code user:ana@acme.com}
   * @param actingThrough the services in between, nearest to the principal first
   * @param until when the proof ends, such as a token; a call that goes on is cut then
   */
  record Who(String principal, List<String> actingThrough, Instant until) {
    /** Copies the list. */
    public Who {
      actingThrough = List.copyOf(actingThrough);
    }
  }

  /**
   * Who is proven by the headers and the connection of a call.
   *
   * @return empty for nobody; a failure is nobody, too
   */
  CompletableFuture<Optional<Who>> who(Metadata headers, Attributes connection);
}
