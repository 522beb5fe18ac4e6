package dev.modelgate.app.check;

/** Where decisions are told that somebody wants to look at later. */
@FunctionalInterface
public interface DecisionLog {
  /** Takes a decision. Never blocks and never throws: one that there is no room for is dropped. */
  void record(Decision decision);
}
