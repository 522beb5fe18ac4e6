package dev.modelgate.app.check;

/**
 * Times questions that one thread asks one after the other: where one ends the next begins, so that
 * many cost one look at the clock each. For the asking thread.
 */
public final class Stopwatch {
  private long nanos = System.nanoTime();

  /** When the question began, as {@link System#nanoTime} has it. */
  long began() {
    return nanos;
  }

  /** Ends the question and begins the next one; how many nanoseconds it took. */
  long lap() {
    long end = System.nanoTime();
    long taken = end - nanos;
    nanos = end;
    return taken;
  }
}
