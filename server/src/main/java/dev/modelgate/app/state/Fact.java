package dev.modelgate.app.state;

/** What {@link FactCache} remembers under a key. */
final class Fact extends Derived {
  private final Object value;
  private final int noted;
  private final int weight;

  /**
   * A fact.
   *
   * @param value as {@link FactKey.What} says
   * @param sequence the publication that was read
   * @param stripes what it depends on
   * @param noted so many of them, the first, are what an evaluation with it depends on too
   * @param weight its cost beside the key, in bytes, about
   */
  Fact(Object value, long sequence, int[] stripes, int noted, int weight) {
    super(sequence, stripes);
    this.value = value;
    this.noted = noted;
    this.weight = weight;
  }

  Object value() {
    return value;
  }

  int noted() {
    return noted;
  }

  int weight() {
    return weight;
  }

  /** The same with more to it that depends on nothing else, or says itself on what. */
  Fact with(Object more, int moreWeight) {
    return new Fact(more, sequence(), stripes(), noted, weight + moreWeight);
  }
}
