package dev.modelgate.store;

/**
 * Who changed something, as the log keeps it.
 *
 * @param credential what was authenticated: {@code token:bootstrap}, {@code modelgate:sweeper}; 1
 *     to 512 bytes
 * @param onBehalfOf the principal acted for; empty when the credential acted for itself
 */
public record Actor(String credential, String onBehalfOf) {
  /** The bootstrap token, which is the system administrator. */
  public static final Actor SYSTEM_ADMINISTRATOR = new Actor("token:bootstrap", "");

  /** Modelgate itself, sweeping rows of deleted objects. */
  public static final Actor SWEEPER = new Actor("modelgate:sweeper", "");
}
