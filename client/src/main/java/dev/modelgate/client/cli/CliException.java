package dev.modelgate.client.cli;

/** A failure that its message explains in full: it is shown as one line and without a trace. */
final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CliException(String message) {
    super(message);
  }

  CliException(String message, Throwable cause) {
    super(message, cause);
  }
}
