package dev.modelgate.client.protect;

/** What becomes of the version that a request names; {@code versions} of a protection document. */
public enum VersionMode {
  /** It is checked as a resource of its own below the model. */
  CHECK,
  /** Its model is checked. */
  IGNORE,
  /** As {@link #CHECK}, and anything but a decimal number in its one form is refused. */
  NUMERIC
}
