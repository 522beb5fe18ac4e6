package dev.modelgate.trail;

/** A line is no event as it was written. */
final class BadLineException extends Exception {
  private static final long serialVersionUID = 1L;

  BadLineException(String message) {
    super(message);
  }
}
