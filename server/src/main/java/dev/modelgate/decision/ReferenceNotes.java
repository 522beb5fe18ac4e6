package dev.modelgate.decision;

/** Takes the steps of a reference evaluation. */
@FunctionalInterface
interface ReferenceNotes {
  /** One step, in the form of {@link String#format}. */
  void note(String format, Object... arguments);
}
