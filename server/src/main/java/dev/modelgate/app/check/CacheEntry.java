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
