package dev.modelgate.grpc;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A request of unknown length, of which no more than {@link ServerSettings#MESSAGE_BYTES_MAX} bytes
 * are read: a few compressed bytes may stand for any number.
 */
final class BoundedInput extends FilterInputStream {
  private long left = ServerSettings.MESSAGE_BYTES_MAX;

  BoundedInput(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    return value < 0 ? value : (int) counted(1, value);
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = super.read(buffer, offset, length);
    return count < 0 ? count : (int) counted(count, count);
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = super.skip(count);
    return counted(skipped, skipped);
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private long counted(long bytes, long result) throws IOException {
    left -= bytes;
    if (left < 0) {
      throw new TooLargeException();
    }
    return result;
  }
}
