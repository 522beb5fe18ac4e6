package dev.modelgate.client.protect;

/** Ends the reading of a request that is refused; never leaves the package. */
final class MalformedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String why;

  /** Without a stack trace, for whoever sends bad requests decides how many there are. */
  MalformedException(String why) {
    super(why, null, false, false);
    this.why = why;
  }

  String why() {
    return why;
  }
}
