package dev.modelgate.gateway;

import io.grpc.Detachable;
import io.grpc.Drainable;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufInputStream;
import io.grpc.netty.shaded.io.netty.buffer.CompositeByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One message as it came: its bytes, and whether its sender compressed them.
 *
 * <p>The bytes stay in the buffers that the network filled. They can be looked at as often as
 * needed ({@link #beginning}) and are then sent once, which frees them; whoever does not send them
 * closes the frame. Closing again does nothing, and is for any thread; looking and sending are for
 * one at a time.
 */
final class Frame extends InputStream implements KnownLength, Drainable {
  private static final int CHUNK_BYTES = 64 << 10;

  private final InputStream bytes;
  private final int size;
  private final boolean compressed;
  private boolean looking;
  private boolean closed;

  private Frame(InputStream bytes, int size, boolean compressed) {
    this.bytes = bytes;
    this.size = size;
    this.compressed = compressed;
  }

  /**
   * Takes a message from gRPC.
   *
   * @param message of gRPC's own kind where it came uncompressed; else what {@link Codecs} made of
   *     it, which are the compressed bytes
   */
  static Frame of(InputStream message) throws IOException {
    if (message instanceof KnownLength) {
      int size = message.available();
      InputStream own = message instanceof Detachable owned ? owned.detach() : message;
      return new Frame(own, size, false);
    }
    // gRPC wraps it so that it cannot be had as it is.
    CompositeByteBuf copy = PooledByteBufAllocator.DEFAULT.compositeDirectBuffer(Integer.MAX_VALUE);
    try {
      int read = 0;
      while (read >= 0) {
        ByteBuf chunk = PooledByteBufAllocator.DEFAULT.directBuffer(CHUNK_BYTES, CHUNK_BYTES);
        try {
          while (read >= 0 && chunk.isWritable()) {
            read = chunk.writeBytes(message, chunk.writableBytes());
          }
        } finally {
          copy.addComponent(true, chunk);
        }
      }
      return new Frame(new ByteBufInputStream(copy, true), copy.readableBytes(), true);
    } catch (IOException | RuntimeException e) {
      copy.release();
      throw e;
    }
  }

  /** How many bytes it has, compressed ones if it is compressed. */
  int size() {
    return size;
  }

  /** Whether its sender compressed it. */
  boolean compressed() {
    return compressed;
  }

  /**
   * Something that looks at the bytes.
   *
   * @param <T> what it finds
   */
  @FunctionalInterface
  interface Look<T> {
    T at(InputStream bytes) throws IOException;
  }

  /**
   * Lets somebody look at the bytes from the first one on; afterwards they are as before.
   *
   * @throws IOException also when the frame is closed
   */
  <T> T beginning(Look<T> look) throws IOException {
    synchronized (this) {
      if (closed) {
        throw new IOException("the message is gone");
      }
      looking = true;
    }
    try {
      bytes.mark(size);
      try {
        return look.at(new Unclosed(bytes));
      } finally {
        bytes.reset();
      }
    } finally {
      looked();
    }
  }

  private synchronized void looked() {
    looking = false;
    if (closed) {
      free();
    }
  }

  @Override
  public synchronized int drainTo(OutputStream target) throws IOException {
    if (closed) {
      return 0;
    }
    int drained = 0;
    byte @Nullable [] copy = null;
    while (drained < size) {
      int part = 0;
      ByteBuffer buffer = direct();
      if (buffer != null && buffer.hasArray()) {
        part = buffer.remaining();
        target.write(buffer.array(), buffer.arrayOffset() + buffer.position(), part);
        bytes.skipNBytes(part);
      } else {
        copy = copy == null ? new byte[Math.min(size, CHUNK_BYTES)] : copy;
        part = bytes.read(copy, 0, copy.length);
        if (part < 0) {
          throw new IllegalStateException("a frame shorter than its size");
        }
        target.write(copy, 0, part);
      }
      drained += part;
    }
    return drained;
  }

  private @Nullable ByteBuffer direct() {
    return bytes instanceof HasByteBuffer has && has.byteBufferSupported()
        ? has.getByteBuffer()
        : null;
  }

  @Override
  public int read() throws IOException {
    return bytes.read();
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    return bytes.read(buffer, offset, length);
  }

  @Override
  public int available() throws IOException {
    return bytes.available();
  }

  /** Frees the bytes, or has whoever looks at them free them when that has ended. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      if (!looking) {
        free();
      }
    }
  }

  private void free() {
    try {
      bytes.close();
    } catch (IOException e) {
      throw new IllegalStateException("a buffer that cannot be freed", e);
    }
  }

  /** Of who looks, the bytes cannot be freed. */
  private static final class Unclosed extends java.io.FilterInputStream {
    Unclosed(InputStream bytes) {
      super(bytes);
    }

    @Override
    public void close() {}
  }
}
