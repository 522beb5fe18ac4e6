package dev.modelgate.gateway;

import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.DecompressorRegistry;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * The compressions that messages may have, as gRPC sees them here: names only. Compressed bytes are
 * taken and given as they are, so that nobody inflates what is only passed on.
 */
final class Codecs {
  /** The names beside {@code identity}. */
  static final List<String> NAMES = List.of("gzip", "deflate");

  /** For what is received. */
  static final DecompressorRegistry RECEIVED = received();

  /** For what is sent. */
  static final CompressorRegistry SENT = sent();

  private Codecs() {}

  private static DecompressorRegistry received() {
    DecompressorRegistry registry =
        DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false);
    for (String name : NAMES) {
      registry = registry.with(new Untouched(name), true);
    }
    return registry;
  }

  private static CompressorRegistry sent() {
    CompressorRegistry registry = CompressorRegistry.newEmptyInstance();
    registry.register(Codec.Identity.NONE);
    NAMES.forEach(name -> registry.register(new Untouched(name)));
    return registry;
  }

  private record Untouched(String name) implements Codec {
    @Override
    public String getMessageEncoding() {
      return name;
    }

    @Override
    public InputStream decompress(InputStream compressed) {
      return new Raw(compressed);
    }

    @Override
    public OutputStream compress(OutputStream compressed) {
      return compressed;
    }
  }

  /** Not of a known length, by which {@link Frame} sees that the bytes are compressed. */
  private static final class Raw extends java.io.FilterInputStream {
    Raw(InputStream compressed) {
      super(compressed);
    }
  }
}
