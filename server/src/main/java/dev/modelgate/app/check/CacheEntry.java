package dev.modelgate.app.check;

import dev.modelgate.app.state.Derived;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Bounds;
import dev.modelgate.decision.Conditions;

/** An evaluated access and what it stands on. */
final class CacheEntry extends Derived {
  /**
   * The most conditions in an entry of the cache: hits evaluate them on event loops, at some
   * microseconds each, or milliseconds where one was written to be slow. What has more is evaluated
   * from the store, on the miss pool, each time.
   */
  static final int CONDITIONALS_MAX = 16;

  private final Access access;

  // Of the access, again: most actions are answered without a look at it, which is another place
  // in memory.
  private final long fromMicros;
  private final long untilMicros;
  private final boolean usesTime;
  private final long allowed;
  private final String denial;

  /**
   * An entry.
   *
   * @param access what the caller may do
   * @param sequence the publication that was read
   * @param stripes those of everything that was looked at
   */
  CacheEntry(Access access, long sequence, int[] stripes) {
    super(sequence, stripes);
    this.access = access;
    this.fromMicros = access.fromMicros();
    this.untilMicros = access.untilMicros();
    this.usesTime = !access.holdsAlways() || !access.bounds().conditionals().isEmpty();
    this.allowed = access.bounds().conditionals().isEmpty() ? access.allowed() : 0;
    // With nothing in between it is the same whatever the action needs.
    this.denial =
        access.bounds().equals(Bounds.NONE) ? access.outcome(0, Conditions.UNKNOWN).reason() : "";
  }

  /** What the caller may do. */
  Access access() {
    return access;
  }

  /**
   * Whether an action that needs these permissions is allowed whatever the request; the access says
   * of the others what is to be answered.
   */
  boolean allows(long needed) {
    return needed != 0 && (needed & ~allowed) == 0;
  }

  /**
   * Why an action is denied that it does not {@link #allows allow}, whatever the request; empty
   * when the access has to say.
   */
  String denial() {
    return denial;
  }

  /** Whether what it answers may be another at another time, though nothing changes. */
  boolean usesTime() {
    return usesTime;
  }

  /** Until when it holds if nothing changes, exclusive. */
  long untilMicros() {
    return untilMicros;
  }

  /** Whether it may be kept in the cache. */
  boolean mayBeKept() {
    return access.bounds().conditionals().size() <= CONDITIONALS_MAX;
  }

  /** What it costs beside its key, in bytes, about. */
  int weight() {
    return 4 * stripes().length + access.bounds().weight();
  }

  /**
   * Whether this answers at that moment as an evaluation of that publication would: nothing that it
   * depends on has changed, and no boundary was crossed. Checked on every use, also of a value that
   * another call loaded (hazards 1 to 3 and 6).
   */
  boolean isGood(Stamps stamps, long publishedSequence, Moment now) {
    return (!usesTime || fromMicros <= now.micros() && now.micros() < untilMicros)
        && stamps.hold(this, publishedSequence);
  }
}
