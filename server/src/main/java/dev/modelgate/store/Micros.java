package dev.modelgate.store;

import java.time.Instant;

/**
 * Times as whole microseconds since 1970, the resolution of everything that is stored or compared.
 */
public final class Micros {
  /** Later than every time. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final long PER_SECOND = 1_000_000;

  private Micros() {}

  /** The microsecond in which that time lies. */
  public static long of(Instant time) {
    return Math.addExact(
        Math.multiplyExact(time.getEpochSecond(), PER_SECOND), time.getNano() / 1_000);
  }

  /** The beginning of that microsecond. */
  public static Instant toInstant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, PER_SECOND), Math.floorMod(micros, PER_SECOND) * 1_000);
  }
}
