package dev.modelgate.store;

/**
 * Stored bytes have an unknown format, an unknown enum value or bytes too few or too many: written
 * by a newer version, or damaged. Applying stops and the organization is restricted (hazard 28).
 */
public final class UndecodableException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Says what could not be decoded. */
  public UndecodableException(String message) {
    super(message);
  }
}
