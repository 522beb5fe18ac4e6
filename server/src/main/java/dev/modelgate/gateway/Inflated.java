package dev.modelgate.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * The bytes of a message that came compressed, inflated while they are read and up to a bound.
 *
 * <p>Strict, so that what is read here is what every server inflates from the same bytes (hazard
 * 36): one member of gzip (RFC 1952) without the optional fields that no gRPC library writes, or
 * one stream of zlib (RFC 1950), whole, and nothing behind it. What is not throws a {@link
 * ZipException}.
 */
final class Inflated extends InputStream {
  private static final int BUFFER_BYTES = 8_192;
  private static final int GZIP_HEAD_BYTES = 10;
  private static final int GZIP_TAIL_BYTES = 8;
  private static final int GZIP_MAGIC = 0x8b1f;
  private static final int DEFLATE = 8;

  private final InputStream compressed;
  private final boolean isGzip;
  private final long bytesMax;
  private final Inflater inflater;
  private final CRC32 checksum = new CRC32();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final byte[] skipped = new byte[BUFFER_BYTES];

  /** How many bytes of the buffer the inflater was given last; it takes them from the front. */
  private int given;

  private boolean begun;
  private boolean ended;

  /** More bytes than allowed. */
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLongException(long bytesMax) {
      super("more than " + bytesMax + " bytes when it is inflated");
    }
  }

  /**
   * @param encoding {@code gzip} or {@code deflate}
   */
  Inflated(InputStream compressed, String encoding, long bytesMax) {
    this.compressed = compressed;
    this.isGzip = encoding.equals("gzip");
    this.bytesMax = bytesMax;
    this.inflater = new Inflater(isGzip);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (!begun) {
      begun = true;
      if (isGzip) {
        head();
      }
    }
    while (!ended && length > 0) {
      int read = inflate(into, offset, length);
      if (read > 0) {
        if (inflater.getBytesWritten() > bytesMax) {
          throw new TooLongException(bytesMax);
        }
        checksum.update(into, offset, read);
        return read;
      }
      if (inflater.finished()) {
        ended = true;
        tail();
      } else if (inflater.needsDictionary()) {
        throw new ZipException("a dictionary");
      } else {
        int more = compressed.read(buffer, 0, buffer.length);
        if (more < 0) {
          throw new ZipException("cut off");
        }
        given = more;
        inflater.setInput(buffer, 0, more);
      }
    }
    return length == 0 ? 0 : -1;
  }

  @Override
  public long skip(long bytes) throws IOException {
    int read = read(skipped, 0, (int) Math.min(bytes, skipped.length));
    return Math.max(0, read);
  }

  /** Frees what the system holds for it. */
  @Override
  public void close() {
    inflater.end();
  }

  private int inflate(byte[] into, int offset, int length) throws IOException {
    try {
      return inflater.inflate(into, offset, length);
    } catch (DataFormatException e) {
      throw new ZipException("no deflated bytes");
    }
  }

  private void head() throws IOException {
    byte[] head = compressed.readNBytes(GZIP_HEAD_BYTES);
    boolean good =
        head.length == GZIP_HEAD_BYTES
            && (ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getShort() & 0xffff)
                == GZIP_MAGIC
            && head[2] == DEFLATE
            && head[3] == 0;
    if (!good) {
      throw new ZipException("no gzip, or one with optional fields");
    }
  }

  private void tail() throws IOException {
    int left = inflater.getRemaining();
    ByteBuffer tail = ByteBuffer.allocate(GZIP_TAIL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int wanted = isGzip ? GZIP_TAIL_BYTES : 0;
    int buffered = Math.min(left, wanted);
    tail.put(buffer, given - left, buffered);
    tail.put(compressed.readNBytes(wanted - buffered));
    if (tail.position() != wanted || left > wanted || compressed.read() >= 0) {
      throw new ZipException("cut off, or something behind it");
    }
    if (isGzip
        && ((int) checksum.getValue() != tail.getInt(0)
            || (int) inflater.getBytesWritten() != tail.getInt(Integer.BYTES))) {
      throw new ZipException("a wrong checksum");
    }
  }
}
