package dev.modelgate.app;

/**
 * Where the use cases report what they do; the metrics adapter counts it. Called on hot paths: must
 * be cheap.
 */
public interface Telemetry {
  /** Reports nothing. */
  Telemetry NONE = new Telemetry() {};

  /**
   * A check was answered.
   *
   * @param allowed the decision
   * @param reason why not; empty when allowed
   * @param hit whether the cache answered every link
   * @param nanos how long it took
   */
  default void checked(boolean allowed, String reason, boolean hit, long nanos) {}

  /** A check could not be answered. */
  default void refused(String fault) {}

  /** A miss was evaluated from the store. */
  default void evaluated(long nanos) {}

  /** A miss could not be evaluated where it was asked, and goes to the miss pool. */
  default void deferred() {}

  /** A check or recheck was not taken because the miss pool is full. */
  default void shed() {}

  /**
   * A bound refused something.
   *
   * @param limit its name, as {@code docs/security.md} has it
   */
  default void limited(String limit) {}

  /** A hit was recomputed. */
  default void rechecked() {}

  /** A recomputed hit differed: the cache of that organization is off now. */
  default void recheckMismatch() {}

  /** The cache let go of an entry. */
  default void evicted() {}

  /** A watched access was evaluated again. */
  default void watchEvaluated() {}

  /**
   * A watcher was told that an answer has changed.
   *
   * @param nanos since the change was published or its time came
   */
  default void watchTold(long nanos) {}

  /**
   * A credential was refused.
   *
   * @param problem as the refusal says
   */
  default void credentialRefused(String problem) {}

  /** The keys of an issuer of tokens could not be loaded. */
  default void keysFailed(String issuer) {}

  /** A group of changes was made durable and published. */
  default void committed(int changeSets, long nanos) {}

  /** Somebody was given access in an emergency. */
  default void glassBroken() {}

  /** A commit failed and its outcome is unknown. */
  default void commitFailed() {}
}
