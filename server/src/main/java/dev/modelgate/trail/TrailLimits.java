package dev.modelgate.trail;

import java.time.Duration;

/**
 * How much of a trail is kept. The oldest segment goes when the next one would be too much, or when
 * all of its events are too old; the last segment always stays.
 *
 * @param totalBytesMax of all segments; at least four times the segment's
 * @param segmentBytes from how many on the next event begins another segment
 * @param age how long events are kept at least, if the bytes allow
 */
public record TrailLimits(long totalBytesMax, long segmentBytes, Duration age) {
  private static final int SEGMENTS = 64;

  /** Refuses segments that are too large for the whole. */
  public TrailLimits {
    if (segmentBytes < 1 || totalBytesMax / 4 < segmentBytes) {
      throw new IllegalArgumentException(
          "segmentBytes: " + segmentBytes + " (expected: 1.." + totalBytesMax / 4 + ")");
    }
  }

  /** With segments of a sensible size. */
  public static TrailLimits of(long totalBytesMax, Duration age) {
    return new TrailLimits(totalBytesMax, totalBytesMax / SEGMENTS, age);
  }
}
