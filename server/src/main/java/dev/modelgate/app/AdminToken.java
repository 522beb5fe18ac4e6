package dev.modelgate.app;

/**
 * The bootstrap token: who shows it is the system administrator.
 *
 * <p>Invariant: there is one token or none, and when a change of it is answered the token before is
 * worth nothing. Thread-safe.
 */
public interface AdminToken {
  /** None, for good. */
  AdminToken NONE = new NoToken();

  /** Whether that is the token, compared in constant time; never while it is switched off. */
  boolean is(String token);

  /**
   * Holds until the token of now is rotated or switched off. To be taken before a token is looked
   * at, so that a rotation in between is not overlooked.
   */
  Standing standing();

  /** Whether it is switched off. */
  boolean isDisabled();

  /**
   * Replaces the token; blocks for the disk.
   *
   * @return the new one, which is kept nowhere but in its file
   * @throws dev.modelgate.model.RefusedException STORE_UNAVAILABLE when the file could not be
   *     replaced, so that the old token holds; OUTCOME_UNKNOWN when it was, and may not survive a
   *     loss of power
   */
  String rotate();

  /**
   * Switches the token off; only the operator of the host switches it on again. Blocks for the
   * disk.
   *
   * @throws dev.modelgate.model.RefusedException as {@link #rotate}
   */
  void disable();
}
