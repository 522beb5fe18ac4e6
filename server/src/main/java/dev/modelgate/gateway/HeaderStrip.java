package dev.modelgate.gateway;

import io.grpc.Metadata;
import java.util.Locale;
import java.util.Set;

/**
 * Takes from the metadata what is not for the upstream: everything that begins with {@value
 * #PREFIX}, and the headers that are named here.
 *
 * @param names in lower case
 */
public record HeaderStrip(Set<String> names) {
  private static final String PREFIX = "x-modelgate-";

  /** Copies the names. */
  public HeaderStrip {
    names = Set.copyOf(names);
  }

  void apply(Metadata headers) {
    for (String name : headers.keys()) { // A copy.
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.startsWith(PREFIX) || names.contains(lower)) {
        Metadata.Key<?> key =
            name.endsWith(Metadata.BINARY_HEADER_SUFFIX)
                ? Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER)
                : Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        headers.discardAll(key);
      }
    }
  }
}
