package dev.modelgate.client.grpc;

import io.grpc.Attributes;
import io.grpc.Metadata;
import java.util.Iterator;
import java.util.Optional;

/** Tells who calls. Called once per call, on a thread of the server; must not block. */
@FunctionalInterface
public interface PrincipalExtractor {

  /**
   * The caller, such as {@code user:ana@acme.com}.
   *
   * @param headers of the call, as the caller sent them
   * @param attributes of the connection, such as the TLS session
   * @return empty if nobody is proven; the call then ends as UNAUTHENTICATED, as it does when this
   *     throws
   */
  Optional<String> extract(Metadata headers, Attributes attributes);

  /**
   * Takes the principal from a header, which must be there exactly once. Safe only behind a hop
   * that authenticates the caller and overwrites the header.
   *
   * @param name of the header, in lower case
   */
  static PrincipalExtractor trustedHeader(String name) {
    Metadata.Key<String> key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    return (headers, attributes) -> {
      Iterable<String> values = headers.getAll(key);
      if (values == null) {
        return Optional.empty();
      }
      Iterator<String> each = values.iterator();
      String first = each.next();
      return each.hasNext() || first.isEmpty() ? Optional.empty() : Optional.of(first);
    };
  }
}
