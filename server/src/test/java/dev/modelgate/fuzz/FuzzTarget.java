package dev.modelgate.fuzz;

/**
 * Something that reads bytes from outside. An implementation refuses them in the ways that its
 * subject documents, and throws for everything else: a crash, or an invariant that does not hold.
 */
@FunctionalInterface
public interface FuzzTarget {
  /** Reads one input. */
  void read(byte[] input) throws Exception;

  /** Fails when an invariant does not hold. */
  static void require(boolean holds, String invariant) {
    if (!holds) {
      throw new IllegalStateException("broken: " + invariant);
    }
  }
}
