package dev.modelgate.app.check;

import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.Access;

/**
 * An evaluated access and what it stands on.
 *
 * @param access what the caller may do
 * @param sequence the publication that was read
 * @param dependencies the stripes of everything that was looked at
 */
record CacheEntry(Access access, long sequence, int[] dependencies) {
  /**
   * The most conditions in an entry of the cache: hits evaluate them on event loops, at some
   * microseconds each, or milliseconds where one was written to be slow. What has more is evaluated
   * from the store, on the miss pool, each time.
   */
  static final int CONDITIONALS_MAX = 16;

  /** Whether it may be kept in the cache. */
  boolean mayBeKept() {
    return access.bounds().conditionals().size() <= CONDITIONALS_MAX;
  }

  /** What it costs beside its key, in bytes, about. */
  int weight() {
    return 4 * dependencies.length + access.bounds().weight();
  }

  /**
   * Whether this answers now as an evaluation of that publication would: nothing that it depends on
   * has changed, and no boundary was crossed. Checked on every use, also of a value that another
   * call loaded (hazards 1 to 3 and 6).
   */
  boolean isGood(Stamps stamps, long publishedSequence, long nowMicros) {
    return sequence <= publishedSequence
        && access.holdsAt(nowMicros)
        && stamps.unchangedSince(dependencies, sequence);
  }
}
