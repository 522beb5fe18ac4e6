package dev.modelgate.grpc;

/** A port or socket cannot be listened on; the message is one line for an operator. */
public final class UnopenablePortException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnopenablePortException(String message) {
    super(message);
  }
}
