package dev.modelgate.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The settings of the start before, in a file, so that a start can tell which are others now.
 * Before the first start all are taken to be the defaults. The value of a setting whose name speaks
 * of a secret is neither kept nor told.
 */
public final class LastSettings {
  private static final Pattern SECRET = Pattern.compile("secret|password|token$|credential");
  private static final String HIDDEN = "(hidden)";
  private static final String UNSET = "";

  private final Path file;
  private final Properties values;

  private LastSettings(Path file, Properties values) {
    this.file = file;
    this.values = values;
  }

  /**
   * A setting that is another now.
   *
   * @param before what it was, empty for not set
   * @param after what it is
   */
  public record Change(String before, String after) {}

  /** Reads them; none when there is no file. */
  public static LastSettings read(Path file) throws IOException {
    Properties values = new Properties();
    if (Files.exists(file)) {
      try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
        values.load(reader);
      } catch (IllegalArgumentException e) {
        values.clear(); // A file that nobody wrote so: all is compared with the defaults.
      }
    }
    return new LastSettings(file, values);
  }

  /**
   * Which settings are others now, by name.
   *
   * @param now a specification whose options have their values
   */
  public Map<String, Change> compare(CommandSpec now) {
    Map<String, Change> changes = new TreeMap<>();
    for (OptionSpec option : now.options()) {
      String name = SettingDefaults.name(option);
      boolean isSwitch = option.type().equals(boolean.class) && option.defaultValue() == null;
      String usual = text(name, isSwitch ? "false" : option.defaultValue());
      String before = values.getProperty(name, usual);
      String after = text(name, option.getValue());
      if (!before.equals(after)) {
        changes.put(name, new Change(before, after));
      }
    }
    return changes;
  }

  /** Keeps the settings for the next start; the file is there as a whole or as it was. */
  public void write(CommandSpec now) throws IOException {
    Properties kept = new Properties();
    for (OptionSpec option : now.options()) {
      String name = SettingDefaults.name(option);
      kept.setProperty(name, text(name, option.getValue()));
    }
    if (kept.equals(values)) {
      return;
    }
    Path draft = Files.createTempFile(file.getParent(), "settings", ".part");
    try (var writer = Files.newBufferedWriter(draft, StandardCharsets.UTF_8)) {
      kept.store(writer, null);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String text(String name, @Nullable Object value) {
    if (value == null || value.toString().isEmpty()) {
      return UNSET;
    }
    return SECRET.matcher(name.toLowerCase(Locale.ROOT)).find() ? HIDDEN : value.toString();
  }
}
