package dev.modelgate.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Appends the few shapes that keys and stored values are made of: big-endian integers, LEB128
 * varints, byte strings.
 */
public final class ByteWriter {
  private byte[] bytes;
  private int length;

  /** An empty writer with room for that many bytes; it grows as needed. */
  public ByteWriter(int capacity) {
    this.bytes = new byte[Math.max(capacity, 8)];
  }

  /** One byte, the low eight bits of {@code value}. */
  public ByteWriter fixed8(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  /** Eight bytes, big-endian, so that keys sort like unsigned numbers. */
  public ByteWriter fixed64(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** An unsigned number in 1 to 10 bytes. */
  public ByteWriter varint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    return this;
  }

  /** The bytes alone. */
  public ByteWriter raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  /** What another one has written so far. */
  public ByteWriter raw(ByteWriter other) {
    room(other.length);
    System.arraycopy(other.bytes, 0, bytes, length, other.length);
    length += other.length;
    return this;
  }

  /** A varint length and the bytes. */
  public ByteWriter bytes(byte[] value) {
    return varint(value.length).raw(value);
  }

  /** A varint length in bytes and the text in UTF-8. */
  public ByteWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** How many bytes were written. */
  public int length() {
    return length;
  }

  /** What was written. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
