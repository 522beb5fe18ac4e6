package dev.modelgate.store;

/** Stored bytes are damaged; the message names the file or the table. */
public final class CorruptionException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Says what is damaged and how it was noticed. */
  public CorruptionException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Says what is damaged. */
  public CorruptionException(String message) {
    super(message);
  }
}
