package dev.modelgate.store;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link ByteWriter} wrote, strictly: every method throws {@link UndecodableException}
 * on bytes that the writer would not have written, and {@link #end} refuses bytes that are left
 * over (hazard 28).
 */
public final class ByteReader {
  private final byte[] bytes;
  private int at;

  /** Reads from the first byte; the array must not change meanwhile. */
  public ByteReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** One byte, 0 to 255. */
  public int fixed8() {
    require(1);
    return bytes[at++] & 0xff;
  }

  /** Eight bytes, big-endian. */
  public long fixed64() {
    require(8);
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | bytes[at++] & 0xff;
    }
    return value;
  }

  /** A varint in its shortest form. */
  public long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int octet = fixed8();
      value |= (long) (octet & 0x7f) << shift;
      if (octet < 0x80) {
        if (octet == 0 && shift > 0 || shift == 63 && octet > 1) {
          throw new UndecodableException("a number is not in its shortest form");
        }
        return value;
      }
    }
    throw new UndecodableException("a number has more than 64 bits");
  }

  /** A varint between 0 and {@code max}. */
  public int varint(int max) {
    long value = varint();
    if (value < 0 || value > max) {
      throw new UndecodableException(
          "a number is " + Long.toUnsignedString(value) + " (expected: at most " + max + ")");
    }
    return (int) value;
  }

  /** A byte string. */
  public byte[] bytes() {
    int length = varint(Integer.MAX_VALUE);
    require(length);
    byte[] value = new byte[length];
    System.arraycopy(bytes, at, value, 0, length);
    at += length;
    return value;
  }

  /** A text. */
  public String text() {
    byte[] text = bytes();
    if (isAscii(text)) {
      // Most are, and making a decoder for each is a good part of what reading a row costs.
      return new String(text, StandardCharsets.ISO_8859_1);
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
    } catch (CharacterCodingException e) {
      throw new UndecodableException("a text is no UTF-8");
    }
  }

  /** Whether bytes are left. */
  public boolean hasMore() {
    return at < bytes.length;
  }

  /** Refuses bytes that are left. */
  public void end() {
    if (hasMore()) {
      throw new UndecodableException((bytes.length - at) + " bytes are left over");
    }
  }

  private static boolean isAscii(byte[] text) {
    for (byte octet : text) {
      if (octet < 0) {
        return false;
      }
    }
    return true;
  }

  private void require(int more) {
    if (bytes.length - at < more) {
      throw new UndecodableException("the bytes end early");
    }
  }
}
