package dev.modelgate.store;

/** Which records of a log go first when more than one group of them waits. */
public enum Urgency {
  /** Part of something long that nobody waits for one by one: an import, a sweep. */
  PATIENT,
  /** Everything else, so that a suspension or a revocation never waits for an import. */
  PRESSING
}
