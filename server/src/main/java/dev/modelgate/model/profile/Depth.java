package dev.modelgate.model.profile;

/** How far an allowing type right reaches. Stored by ordinal; append only; each holds the last. */
public enum Depth {
  /** What the caller owns, or a group of his. */
  OWN,
  /** What belongs to the holder's unit. */
  UNIT,
  /** What belongs to the holder's unit or one below it. */
  SUBTREE,
  /** Everything in the organization. */
  ORGANIZATION
}
