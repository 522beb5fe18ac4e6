package dev.modelgate.store;

/**
 * The record was surely not appended: the log is full, fenced or closed. The caller may ask again.
 */
public final class NotAppendedException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Says why. */
  public NotAppendedException(String message) {
    super(message);
  }
}
