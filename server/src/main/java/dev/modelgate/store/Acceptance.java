package dev.modelgate.store;

/** What the acceptance rule says about a change set. */
public enum Acceptance {
  /** It follows the head: it takes effect. */
  ACCEPTED,
  /** Its base is behind the head: a copy, or the loser of a race. No effect. */
  STALE,
  /**
   * Its base is ahead of the head: something is missing, which a complete log cannot be (hazard
   * 41). Loud.
   */
  GAP,
  /** Its base has the head's version and another digest: two histories. Loud. */
  DIVERGED,
  /** Its bytes cannot be decoded: written by a newer version, or damaged (hazard 28). Loud. */
  UNDECODABLE
}
