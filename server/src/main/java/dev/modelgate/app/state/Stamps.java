package dev.modelgate.app.state;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * For each thing that answers depend on, the publication that last changed it: {@value #STRIPES}
 * stripes by hash.
 *
 * <p>A stamp is a publication number of this node, never an organization's version, and is raised
 * only by max (hazard 2): two things that share a stripe cost each other an evaluation, never a
 * wrong answer. Stamps are raised before the state is replaced, so a reader of the new state finds
 * them raised (hazard 1).
 */
public class Stamps {
  /** The number of stripes: 8 MiB of longs. */
  public static final int STRIPES = 1 << 20;

  private final AtomicLongArray stripes = new AtomicLongArray(STRIPES);
  private final AtomicLong floor = new AtomicLong();

  /** Marks the thing behind a stripe as changed by that publication. */
  public void raise(int stripe, long sequence) {
    long seen = stripes.get(stripe);
    while (seen < sequence && !stripes.compareAndSet(stripe, seen, sequence)) {
      seen = stripes.get(stripe);
    }
  }

  /** Marks everything as changed by that publication, for when it is not known what was. */
  public void raiseAll(long sequence) {
    floor.accumulateAndGet(sequence, Math::max);
  }

  /**
   * Whether something is what that publication would yield: it was read from no newer one, and
   * nothing that it stands on was changed since (hazards 1 to 3).
   *
   * <p>Looked at once for a publication: it is loaded before the stamps are read, and they were
   * raised for all that it changed before it could be loaded, so what held then holds for it
   * whatever is raised later. The stamps lie far apart in memory, and reading them is most of what
   * a hit costs.
   *
   * @param published the number of the publication, which the caller has loaded
   */
  public boolean hold(Derived derived, long published) {
    if (derived.isProvenFor(published)) {
      return true;
    }
    boolean holds =
        derived.sequence() <= published && unchangedSince(derived.stripes(), derived.sequence());
    if (holds) {
      derived.proveFor(published);
    }
    return holds;
  }

  /** Whether nothing behind these stripes has changed since that publication. */
  public boolean unchangedSince(int[] dependencies, long sequence) {
    if (floor.get() > sequence) {
      return false;
    }
    for (int stripe : dependencies) {
      if (stripes.get(stripe) > sequence) {
        return false;
      }
    }
    return true;
  }
}
