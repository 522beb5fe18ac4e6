package dev.modelgate.model;

/**
 * A name that is malformed or not canonical: the caller's mistake, answered as INVALID_ARGUMENT.
 */
public final class InvalidNameException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** The longest part of an offending value that is ever echoed, in characters. */
  private static final int ECHO_CHARS_MAX = 120;

  private final String what;
  private final String value;
  private final String expected;

  InvalidNameException(String what, String value, String expected) {
    super(what + ": `" + shortened(value) + "` (" + expected + ")");
    this.what = what;
    this.value = shortened(value);
    this.expected = expected;
  }

  /** What kind of name it was: {@code principal} or {@code resource}. */
  public String what() {
    return what;
  }

  /** The offending value, cut to a bounded length, control characters replaced. */
  public String value() {
    return value;
  }

  /** What was expected instead. */
  public String expected() {
    return expected;
  }

  /** Cuts a text for an error message and replaces what a terminal or a log could misread. */
  public static String shortened(String text) {
    String cut = text.length() <= ECHO_CHARS_MAX ? text : text.substring(0, ECHO_CHARS_MAX) + "...";
    StringBuilder safe = new StringBuilder(cut.length());
    for (int i = 0; i < cut.length(); i++) {
      char c = cut.charAt(i);
      boolean unsafe =
          c == '`' || Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
      safe.append(unsafe || Character.isSurrogate(c) ? '?' : c);
    }
    return safe.toString();
  }
}
