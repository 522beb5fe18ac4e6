package dev.modelgate.store;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The identity of one history: 128 random bits made with the store. A restored store is a new
 * lineage, so that tokens of the old one are never believed (hazard 27).
 *
 * @param high the upper 64 bits; they stand for the lineage in tokens
 * @param low the lower 64 bits
 */
public record LineageId(long high, long low) {
  /** A lineage that never was before. */
  public static LineageId random() {
    SecureRandom random = new SecureRandom();
    return new LineageId(random.nextLong(), random.nextLong());
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
