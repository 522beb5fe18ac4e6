package dev.modelgate.store;

/**
 * A place in the log. Embedded there is one order over all shards, and the place is the store's
 * publication number.
 *
 * @param value 1 for the first record; 0 is before it
 */
public record Position(long value) implements Comparable<Position> {
  /** Before the first record. */
  public static final Position START = new Position(0);

  /** The next place. */
  public Position next() {
    return new Position(value + 1);
  }

  @Override
  public int compareTo(Position other) {
    return Long.compare(value, other.value);
  }
}
