package dev.modelgate.store;

import dev.modelgate.model.Uid;

/**
 * One of the {@value #COUNT} parts of the key space; an organization lives in one for ever.
 * Embedded it is a key prefix, in a fleet it is a partition of the log.
 *
 * @param number 0 to {@code COUNT - 1}
 */
public record Shard(int number) {
  /** The number of shards, written into the store's metadata; never changes. */
  public static final int COUNT = 64;

  /** Refuses a number out of range. */
  public Shard {
    if (number < 0 || number >= COUNT) {
      throw new IllegalArgumentException(
          "shard: " + number + " (expected: 0.." + (COUNT - 1) + ")");
    }
  }

  /**
   * The shard of an organization: murmur3_32 (seed 0) of the uid's eight bytes, big-endian, modulo
   * {@code COUNT}.
   */
  public static Shard of(Uid org) {
    int h = mix(0, Integer.reverseBytes((int) (org.value() >>> 32)));
    h = mix(h, Integer.reverseBytes((int) org.value()));
    h ^= Long.BYTES;
    h ^= h >>> 16;
    h *= 0x85ebca6b;
    h ^= h >>> 13;
    h *= 0xc2b2ae35;
    h ^= h >>> 16;
    return new Shard(Integer.remainderUnsigned(h, COUNT));
  }

  private static int mix(int h, int block) {
    int k = Integer.rotateLeft(block * 0xcc9e2d51, 15) * 0x1b873593;
    return Integer.rotateLeft(h ^ k, 13) * 5 + 0xe6546b64;
  }
}
