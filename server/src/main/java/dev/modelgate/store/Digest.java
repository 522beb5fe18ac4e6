package dev.modelgate.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A link of an organization's digest chain: the first 16 bytes of {@code SHA-256(previous digest ||
 * stored bytes of the change set)}. Over the stored bytes, never over a re-encoding (hazard 28).
 *
 * @param high bytes 0 to 7, big-endian
 * @param low bytes 8 to 15, big-endian
 */
public record Digest(long high, long low) {
  /** The length of a digest in bytes. */
  public static final int BYTES = 16;

  /** The digest before the first change set. */
  public static final Digest ZERO = new Digest(0, 0);

  /** The digest behind one more change set. */
  public Digest advance(byte[] storedBytes) {
    MessageDigest sha256 = sha256();
    sha256.update(new ByteWriter(BYTES).fixed64(high).fixed64(low).toBytes());
    ByteReader hash = new ByteReader(sha256.digest(storedBytes));
    return new Digest(hash.fixed64(), hash.fixed64());
  }

  /** A fresh SHA-256. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
