package dev.modelgate.store;

import java.time.Duration;
import java.time.Instant;

/**
 * How long request ids are remembered: the same rule for every replica.
 *
 * <p>Each accepted change set forgets, oldest version first and {@value #FORGOTTEN_PER_CHANGE_MAX}
 * at most, what is older than {@link Replica#RECENT_HOURS} before its time, or beyond the newest
 * {@value #ENTRIES_MAX} of its organization. One entry takes about 130 bytes on disk, so an
 * organization's window stays below 16 MiB.
 */
public final class RecentWindow {
  /** The most request ids remembered of one organization. */
  public static final int ENTRIES_MAX = 100_000;

  /** What bounds the extra work of one change set after a quiet day. */
  public static final int FORGOTTEN_PER_CHANGE_MAX = 1_024;

  private static final Duration AGE_MAX = Duration.ofHours(Replica.RECENT_HOURS);

  private RecentWindow() {}

  /** Whether a request of that time has left the window of a change set of time {@code now}. */
  public static boolean isTooOld(Instant at, Instant now) {
    return at.isBefore(now.minus(AGE_MAX));
  }
}
