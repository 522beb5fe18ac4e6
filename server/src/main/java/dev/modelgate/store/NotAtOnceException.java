package dev.modelgate.store;

/**
 * A read that may not wait would have had to: the row is perhaps on disk alone. Says nothing about
 * the row, least of all that it is absent (hazard 4); whoever meets it begins again where he may
 * wait (hazard 11).
 */
public final class NotAtOnceException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Says what could not be read. */
  public NotAtOnceException(String message) {
    super(message);
  }

  /** No trace: it is no failure, and thrown where a microsecond counts. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
