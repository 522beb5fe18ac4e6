package dev.modelgate.store;

/**
 * The store refuses to open: held by another process, of a newer schema, damaged, or without
 * rights. One clear line.
 */
public final class UnopenableException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Says why, in one line for an operator. */
  public UnopenableException(String message) {
    super(message);
  }

  /** Says why, in one line for an operator. */
  public UnopenableException(String message, Throwable cause) {
    super(message, cause);
  }
}
