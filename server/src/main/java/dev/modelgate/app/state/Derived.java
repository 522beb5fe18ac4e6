package dev.modelgate.app.state;

/**
 * Something made from the rows of one publication, with what it stands on; {@link Stamps#hold} says
 * whether another publication would yield the same. Thread-safe.
 */
public abstract class Derived {
  private final long sequence;
  private final int[] stripes;

  /**
   * The last publication for which somebody who had loaded it found this to hold. Each value is
   * true for ever, so whoever writes last is right.
   */
  private volatile long provenFor;

  /**
   * What was made holds for the publication that was read.
   *
   * @param sequence that publication's number
   * @param stripes those of everything that was looked at; not copied
   */
  protected Derived(long sequence, int[] stripes) {
    this.sequence = sequence;
    this.stripes = stripes;
    this.provenFor = sequence;
  }

  /** The number of the publication that was read. */
  public final long sequence() {
    return sequence;
  }

  /** The stripes of everything that was looked at: the array itself, not to be changed. */
  public final int[] stripes() {
    return stripes;
  }

  final boolean isProvenFor(long published) {
    return provenFor == published;
  }

  final void proveFor(long published) {
    provenFor = published;
  }
}
