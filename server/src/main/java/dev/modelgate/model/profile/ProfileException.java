package dev.modelgate.model.profile;

/** A profile document that says something wrong, with the line at which it does. */
public final class ProfileException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** The longest message; it echoes the document. */
  private static final int CHARS_MAX = 500;

  private final int line;
  private final String problem;

  ProfileException(int line, String message) {
    super("profile, line " + line + ": " + bounded(message));
    this.line = line;
    this.problem = bounded(message);
  }

  private static String bounded(String message) {
    String cut = message.length() <= CHARS_MAX ? message : message.substring(0, CHARS_MAX) + "...";
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}]", "?");
  }

  /** What is wrong there, in at most 503 characters. */
  public String problem() {
    return problem;
  }

  /** The line of the document, 1 being the first. */
  public int line() {
    return line;
  }
}
