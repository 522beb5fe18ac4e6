package dev.modelgate.model.profile;

/** A profile document that says something wrong, with the line at which it does. */
public final class ProfileException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int line;

  ProfileException(int line, String message) {
    super("profile, line " + line + ": " + message);
    this.line = line;
  }

  /** The line of the document, 1 being the first. */
  public int line() {
    return line;
  }
}
