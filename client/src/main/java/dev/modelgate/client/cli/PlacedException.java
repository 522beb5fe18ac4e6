package dev.modelgate.client.cli;

/** A failure with what its command knows beyond it: where it stands in a file, and how to go on. */
final class PlacedException extends Exception {
  private static final long serialVersionUID = 1;

  private final Exception cause;
  private final String place;
  private final String hint;

  /**
   * @param place goes before the message, or is empty
   * @param hint one line, or empty
   */
  PlacedException(Exception cause, String place, String hint) {
    super(cause);
    this.cause = cause;
    this.place = place;
    this.hint = hint;
  }

  @Override
  public synchronized Exception getCause() {
    return cause;
  }

  String place() {
    return place;
  }

  String hint() {
    return hint;
  }
}
