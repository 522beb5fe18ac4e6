package dev.modelgate.grpc;

import io.grpc.Codec;
import io.grpc.Decompressor;
import io.grpc.DecompressorRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The compressions that requests may have: none, and gzip, which is begun when the request is read.
 * grpc-java's own begins earlier, where bytes that are no gzip end the call as UNKNOWN and put a
 * stack trace into the log; here they are a request that cannot be decoded, like any other.
 */
final class Compression {
  /** What a server is to read. */
  static final DecompressorRegistry REQUESTS =
      DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false).with(new Gzip(), true);

  private Compression() {}

  private static final class Gzip implements Decompressor {
    @Override
    public String getMessageEncoding() {
      return "gzip";
    }

    @Override
    public InputStream decompress(InputStream compressed) {
      return new LaterGzip(compressed);
    }
  }

  private static final class LaterGzip extends InputStream {
    private final InputStream compressed;
    private @Nullable InputStream plain;

    LaterGzip(InputStream compressed) {
      this.compressed = compressed;
    }

    @Override
    public int read() throws IOException {
      return begun().read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return begun().read(buffer, offset, length);
    }

    @Override
    public void close() throws IOException {
      compressed.close();
      InputStream begun = plain;
      if (begun != null) {
        begun.close();
      }
    }

    private InputStream begun() throws IOException {
      InputStream begun = plain;
      if (begun == null) {
        begun = new GZIPInputStream(compressed);
        plain = begun;
      }
      return begun;
    }
  }
}
