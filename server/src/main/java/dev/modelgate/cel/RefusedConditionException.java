package dev.modelgate.cel;

import dev.cel.common.CelSourceLocation;

/** Ends the compilation of a text that is no condition. */
final class RefusedConditionException extends Exception {
  private static final long serialVersionUID = 1L;

  /** The most characters that an author is told. */
  private static final int MESSAGE_CHARS_MAX = 256;

  /**
   * @param message for the author; cut to 256 characters, for it can quote the text
   */
  RefusedConditionException(String message) {
    super(bounded(message), null, false, false);
  }

  /** Refuses what stands at that place of the text. */
  static RefusedConditionException at(CelSourceLocation place, String message) {
    return new RefusedConditionException(
        "line " + place.getLine() + ", column " + (place.getColumn() + 1) + ": " + message);
  }

  /** What the author is told. */
  String told() {
    return String.valueOf(getMessage());
  }

  private static String bounded(String message) {
    if (message.length() <= MESSAGE_CHARS_MAX) {
      return message;
    }
    int end = MESSAGE_CHARS_MAX - 1;
    return message.substring(0, Character.isHighSurrogate(message.charAt(end - 1)) ? end - 1 : end)
        + "…";
  }
}
