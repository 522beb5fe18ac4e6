package dev.modelgate.model.profile;

/** What a type right does for its holder. Stored by ordinal; append only. */
public enum Effect {
  /** A privilege: without it nothing of the kind works. */
  REQUIRES,
  /** Adds permissions, as far as the right's depth reaches. */
  ALLOWS,
  /** A ceiling: what grants give beyond it does not count. */
  BOUNDS
}
