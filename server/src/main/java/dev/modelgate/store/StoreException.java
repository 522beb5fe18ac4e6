package dev.modelgate.store;

/**
 * The store could not answer: damage, an I/O error, a closed store. Never means that something is
 * absent (hazard 4); an evaluation that meets it ends as an error and is not cached.
 */
public class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what failed and why. */
  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Says what failed. */
  public StoreException(String message) {
    super(message);
  }
}
