package dev.modelgate.client.protect;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a message, from its beginning: in one buffer, or in a stream of which only what is
 * looked at is copied, so that tensors are skipped where they are.
 *
 * <p>Varints are held to what all parsers read alike (hazard 36): at most ten bytes of 64 bits, a
 * length at most five of 31, a tag in its shortest form.
 */
final class WireInput {
  private static final int WINDOW_BYTES = 256;

  private final @Nullable InputStream stream;
  private ByteBuffer window;

  /** Where the window ends, in bytes from the beginning. */
  private long windowEnd;

  WireInput(ByteBuffer message) {
    this.stream = null;
    this.window = message.duplicate();
    this.windowEnd = window.remaining();
  }

  WireInput(InputStream message) {
    this.stream = message;
    this.window = ByteBuffer.allocate(WINDOW_BYTES).limit(0);
  }

  /** How many bytes were read. */
  long position() {
    return windowEnd - window.remaining();
  }

  /** Whether the message has ended. */
  boolean atEnd() {
    return !window.hasRemaining() && !fill();
  }

  /** The next byte, as a signed one. */
  byte next() {
    if (!window.hasRemaining() && !fill()) {
      throw truncated();
    }
    return window.get();
  }

  /** The number and type of a field, in the bits of a tag. */
  int tag() {
    int first = next();
    int tag = first > 0 ? first : longTag(first);
    if (tag >>> 3 == 0) {
      throw new MalformedException("a field without a number");
    }
    return tag;
  }

  private int longTag(int first) {
    long tag = first & 0x7f;
    int octet = first;
    for (int shift = 7; octet < 0 && shift < 35; shift += 7) {
      octet = next();
      tag |= (long) (octet & 0x7f) << shift;
    }
    // The last of several bytes has bits, or a parser that reads fewer bytes reads another tag.
    if (octet <= 0 || tag >>> 32 != 0) {
      throw new MalformedException("an overlong tag");
    }
    return (int) tag;
  }

  /** A length, which fits into a message. */
  int length() {
    int octet = next();
    long length = octet & 0x7f;
    for (int shift = 7; octet < 0 && shift < 35; shift += 7) {
      octet = next();
      length |= (long) (octet & 0x7f) << shift;
    }
    if (octet < 0 || length > Integer.MAX_VALUE) {
      throw new MalformedException("an overlong length");
    }
    return (int) length;
  }

  /** A number of 64 bits. */
  long varint() {
    int octet = next();
    long value = octet & 0x7f;
    int shift = 7;
    for (; octet < 0 && shift < 70; shift += 7) {
      octet = next();
      value |= (long) (octet & 0x7f) << shift;
    }
    if (octet < 0 || shift == 70 && octet > 1) {
      throw new MalformedException("an overlong number");
    }
    return value;
  }

  /** Copies what follows. */
  void read(byte[] into) {
    int done = 0;
    while (done < into.length) {
      if (!window.hasRemaining() && !fill()) {
        throw truncated();
      }
      int part = Math.min(window.remaining(), into.length - done);
      window.get(into, done, part);
      done += part;
    }
  }

  void skip(int bytes) {
    int inWindow = Math.min(bytes, window.remaining());
    window.position(window.position() + inWindow);
    int rest = bytes - inWindow;
    if (rest == 0) {
      return;
    }
    InputStream in = stream;
    if (in == null) {
      throw truncated();
    }
    try {
      in.skipNBytes(rest);
      windowEnd += rest;
    } catch (EOFException e) {
      throw truncated();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads on; false at the end. */
  private boolean fill() {
    InputStream in = stream;
    if (in == null) {
      return false;
    }
    try {
      int read = in.read(window.array(), 0, WINDOW_BYTES);
      window.position(0).limit(Math.max(read, 0));
      windowEnd += Math.max(read, 0);
      return read > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MalformedException truncated() {
    return new MalformedException("a message that is cut off");
  }
}
