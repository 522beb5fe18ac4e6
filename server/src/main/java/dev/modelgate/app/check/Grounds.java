package dev.modelgate.app.check;

import dev.modelgate.app.state.Published;
import dev.modelgate.app.state.Stamps;
import java.util.Arrays;

/**
 * What an answer stands on, filled in while it is made: the publication that was read, the stripes
 * of everything that was looked at, what is said of the whole organization, and the time.
 *
 * <p>For the one thread that makes the answer; whoever reads it afterwards has been handed it.
 */
public final class Grounds {
  private static final int[] NONE = {};

  private long sequence;
  private int[] stripes = NONE;
  private Standing standing = Standing.NOWHERE;
  private long atMicros;

  /** Begins, or begins again where an attempt to answer came to nothing. */
  void begin(Published state, Standing standingThere, long nowMicros) {
    sequence = state.sequence();
    standing = standingThere;
    stripes = NONE;
    atMicros = nowMicros;
  }

  /** One more link of the chain was looked at. */
  void on(CacheEntry entry) {
    int[] more = entry.stripes();
    int size = stripes.length;
    stripes = Arrays.copyOf(stripes, size + more.length);
    System.arraycopy(more, 0, stripes, size, more.length);
  }

  /** The stripes, each once, in ascending order. */
  int[] stripes() {
    int[] sorted = stripes.clone();
    Arrays.sort(sorted);
    int size = 0;
    for (int stripe : sorted) {
      if (size == 0 || sorted[size - 1] != stripe) {
        sorted[size++] = stripe;
      }
    }
    return Arrays.copyOf(sorted, size);
  }

  /** Whether an evaluation of what is published now would come to the same, time apart. */
  boolean hold(Stamps stamps, Standing now) {
    return standing.equals(now) && stamps.unchangedSince(stripes, sequence);
  }

  /**
   * Until when it holds if nothing changes, never the time of the answer itself or before: one that
   * turns on the time of day is looked at again after a pause, and not without end.
   */
  long untilMicros(Answer answer, long pauseMicros) {
    return answer.validUntilMicros() > atMicros
        ? answer.validUntilMicros()
        : atMicros + pauseMicros;
  }
}
