package dev.modelgate.bench.peers;

/** A decision point that is a library, called in this process by one thread. */
public interface Library {
  /** Whether that user may predict with that model. */
  boolean allows(HotSet.Pair pair);
}
