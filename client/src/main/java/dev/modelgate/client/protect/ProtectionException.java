package dev.modelgate.client.protect;

/**
 * A protection document is wrong; the message is one line for an operator that begins with the file
 * and the line.
 */
public final class ProtectionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong and where. */
  public ProtectionException(String message) {
    super(message);
  }
}
