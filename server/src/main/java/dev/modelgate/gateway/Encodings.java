package dev.modelgate.gateway;

import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The headers that name compressions. */
final class Encodings {
  private static final String IDENTITY = "identity";
  private static final Metadata.Key<String> ENCODING =
      Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> ACCEPTED_TEXT =
      Metadata.Key.of("grpc-accept-encoding", Metadata.ASCII_STRING_MARSHALLER);

  private Encodings() {}

  /** The compression that messages may have; empty for none. */
  static Optional<String> encoding(Metadata headers) {
    return Optional.ofNullable(headers.get(ENCODING)).filter(name -> !name.equals(IDENTITY));
  }

  /** Whether whoever sent these headers reads that compression. */
  static boolean accepts(Metadata headers, String name) {
    return accepted(headers).contains(name);
  }

  /** Has the first say what the second accepts, as far as it can pass here. */
  static void replaceAccepted(Metadata headers, Metadata accepted) {
    // As text: gRPC has put bytes under the same name, which this takes away.
    headers.discardAll(ACCEPTED_TEXT);
    String names = String.join(",", accepted(accepted));
    if (!names.isEmpty()) {
      headers.put(ACCEPTED_TEXT, names);
    }
  }

  private static List<String> accepted(Metadata headers) {
    @Nullable Iterable<String> values = headers.getAll(ACCEPTED_TEXT);
    List<String> names = new ArrayList<>();
    if (values != null) {
      for (String value : values) {
        for (String name : value.split(",", -1)) {
          if (Codecs.NAMES.contains(name.strip())) {
            names.add(name.strip());
          }
        }
      }
    }
    return names;
  }
}
