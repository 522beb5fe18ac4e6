package dev.modelgate.config;

import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Gives an option that no flag set its value: {@code --admin-port} is {@code MODELGATE_ADMIN_PORT}
 * in the environment, else {@code admin-port} in the file. What neither has keeps the option's own
 * default. An empty variable counts as not set.
 */
public final class SettingDefaults implements IDefaultValueProvider {
  private static final String FLAG = "--config";
  private static final String ENVIRONMENT_PREFIX = "MODELGATE_";

  private final Set<String> flags;
  private final Map<String, String> environment;
  private final SettingFile file;

  private SettingDefaults(Set<String> flags, Map<String, String> environment, SettingFile file) {
    this.flags = Set.copyOf(flags);
    this.environment = Map.copyOf(environment);
    this.file = file;
  }

  /** Neither environment nor file. */
  public static SettingDefaults none() {
    return new SettingDefaults(Set.of(), Map.of(), SettingFile.none());
  }

  /**
   * Reads the file that the arguments or the environment name, if any.
   *
   * @throws SettingException when it cannot be read or is not a flat mapping of texts
   */
  public static SettingDefaults load(String[] args, Map<String, String> environment) {
    SettingFile file =
        fileName(args)
            .or(() -> variable(environment, FLAG.substring(2)))
            .map(SettingFile::read)
            .orElse(SettingFile.none());
    return new SettingDefaults(flags(args), environment, file);
  }

  /** The environment alone, for a command whose {@code --config} names something else. */
  public static SettingDefaults withoutFile(String[] args, Map<String, String> environment) {
    return new SettingDefaults(flags(args), environment, SettingFile.none());
  }

  private static Set<String> flags(String[] args) {
    Set<String> flags = new HashSet<>();
    for (String arg : args) {
      flags.add(arg.replaceFirst("=.*", ""));
    }
    return flags;
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || !isSetting(option)) {
      return argument.defaultValue();
    }
    String setting = name(option);
    Optional<String> fromEnvironment = variable(environment, setting);
    if (fromEnvironment.isPresent()) {
      return fromEnvironment.get();
    }
    SettingFile.Entry entry = file.entries().get(setting);
    return entry == null ? argument.defaultValue() : entry.value();
  }

  /**
   * Refuses keys of the file that are no setting of the command.
   *
   * @throws SettingException naming the line
   */
  public void requireKnown(CommandSpec command) {
    file.entries()
        .forEach(
            (key, entry) -> {
              OptionSpec option = command.findOption("--" + key);
              if (option == null || !isSetting(option)) {
                throw new SettingException(
                    SettingFile.at(file.name(), entry.line()) + "unknown setting `" + key + "`");
              }
            });
  }

  /** Whether anybody has set it. */
  public boolean isSet(String setting) {
    return flags.contains("--" + setting)
        || variable(environment, setting).isPresent()
        || file.entries().containsKey(setting);
  }

  /**
   * How to name a setting in an error, so that its author finds the place: {@code --port}, {@code
   * MODELGATE_PORT}, or {@code modelgate.yaml, line 3: port}.
   */
  public String label(String setting) {
    if (flags.contains("--" + setting)) {
      return "--" + setting;
    }
    if (variable(environment, setting).isPresent()) {
      return variableName(setting);
    }
    SettingFile.Entry entry = file.entries().get(setting);
    return entry == null ? setting : SettingFile.at(file.name(), entry.line()) + setting;
  }

  /** The name of an option without its dashes. */
  public static String name(OptionSpec option) {
    return option.longestName().replaceFirst("^--", "");
  }

  private static boolean isSetting(OptionSpec option) {
    return !option.usageHelp() && !option.versionHelp() && !option.longestName().equals(FLAG);
  }

  private static Optional<String> variable(Map<String, String> environment, String setting) {
    return Optional.ofNullable(environment.get(variableName(setting)))
        .filter(value -> !value.isEmpty());
  }

  private static String variableName(String setting) {
    return ENVIRONMENT_PREFIX + setting.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private static Optional<String> fileName(String[] args) {
    for (int i = 0; i < args.length; i++) {
      if (args[i].startsWith(FLAG + "=")) {
        return Optional.of(args[i].substring(FLAG.length() + 1));
      }
      if (args[i].equals(FLAG) && i + 1 < args.length) {
        return Optional.of(args[i + 1]);
      }
    }
    return Optional.empty();
  }
}
