package dev.modelgate.config;

/** A setting that is wrong; the message is one line for an operator. */
public final class SettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong and where. */
  public SettingException(String message) {
    super(message);
  }
}
