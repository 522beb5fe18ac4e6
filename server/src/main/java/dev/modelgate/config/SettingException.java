package dev.modelgate.config;

import dev.modelgate.model.InvalidNameException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A setting, or something that a setting names, is wrong; the message is one line for an operator.
 */
public final class SettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final @Nullable String setting;
  private final String problem;

  /** Says what is wrong and where. */
  public SettingException(String message) {
    super(message);
    this.setting = null;
    this.problem = message;
  }

  private SettingException(String setting, String problem) {
    super(setting + ": " + problem);
    this.setting = setting;
    this.problem = problem;
  }

  /**
   * Says what is wrong with one setting.
   *
   * @param setting its name, as in the file
   * @param value what it is set to
   * @param expected what it could be set to
   */
  public static SettingException of(String setting, Object value, String expected) {
    String shown = InvalidNameException.shortened(value.toString());
    return new SettingException(setting, "`" + shown + "` (expected: " + expected + ")");
  }

  /** The same of a setting that goes by a longer name here: the prefix and its own. */
  public SettingException prefixed(String prefix) {
    return setting == null ? this : new SettingException(prefix + setting, problem);
  }

  /** The setting, when it is one that is wrong. */
  public Optional<String> setting() {
    return Optional.ofNullable(setting);
  }

  /** What is wrong, without the name of the setting. */
  public String problem() {
    return problem;
  }
}
