package dev.modelgate.bench;

import java.nio.file.Path;

/**
 * How long and how large a run is.
 *
 * @param rounds rounds of each of the two that are compared
 * @param millis how long a round takes, in milliseconds
 * @param warmUpCalls the calls that warm up each of the two before their first round, at least
 * @param grants the grants of the crowd
 * @param out the directory of the results
 */
public record Settings(int rounds, int millis, int warmUpCalls, int grants, Path out) {
  /** Refuses what measures nothing. */
  public Settings {
    if (rounds < 2 || millis < 10 || warmUpCalls < 1 || grants < 0) {
      throw new IllegalArgumentException("rounds below 2, millis below 10, or nothing to warm up");
    }
  }
}
