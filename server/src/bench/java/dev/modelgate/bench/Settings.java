package dev.modelgate.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * How long and how large a run is.
 *
 * @param rounds rounds of each of the two that are compared
 * @param millis how long a round takes, in milliseconds
 * @param warmUpCalls the calls that warm up each of the two before their first round, at least
 * @param grants the grants of the crowd
 * @param sizes how many grants the growth is measured with, rising, 1,000 to 1,000,000,000 each
 * @param out the directory of the results
 */
public record Settings(
    int rounds, int millis, int warmUpCalls, int grants, List<Long> sizes, Path out) {
  private static final long SIZE_MIN = 1_000;
  private static final long SIZE_MAX = 1_000_000_000;

  /** Refuses what measures nothing. */
  public Settings {
    if (rounds < 2 || millis < 10 || warmUpCalls < 1 || grants < 0) {
      throw new IllegalArgumentException("rounds below 2, millis below 10, or nothing to warm up");
    }
    sizes = List.copyOf(sizes);
    if (sizes.isEmpty()) {
      throw new IllegalArgumentException("sizes: none");
    }
    long before = SIZE_MIN - 1;
    for (long size : sizes) {
      if (size <= before || size > SIZE_MAX) {
        throw new IllegalArgumentException(
            "sizes: `%s` (expected: rising, %,d to %,d)".formatted(sizes, SIZE_MIN, SIZE_MAX));
      }
      before = size;
    }
  }
}
