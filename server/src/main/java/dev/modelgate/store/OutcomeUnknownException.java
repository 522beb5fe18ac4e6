package dev.modelgate.store;

/**
 * The record may or may not become durable; the caller asks again with the same request id (hazard
 * 21).
 */
public final class OutcomeUnknownException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Says what made the outcome unknown. */
  public OutcomeUnknownException(String message, Throwable cause) {
    super(message, cause);
  }
}
