package dev.modelgate.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Gives an option that no flag set its value: {@code --admin-port} is {@code MODELGATE_ADMIN_PORT}
 * in the environment, else {@code admin-port} in the file. What neither has keeps the option's own
 * default.
 */
public final class SettingDefaults implements IDefaultValueProvider {
  private static final String FLAG = "--config";
  private static final String ENVIRONMENT_PREFIX = "MODELGATE_";

  private final Map<String, String> environment;
  private final Map<String, Entry> file;
  private final String fileName;

  private record Entry(String value, int line) {}

  private SettingDefaults(
      Map<String, String> environment, Map<String, Entry> file, String fileName) {
    this.environment = Map.copyOf(environment);
    this.file = Map.copyOf(file);
    this.fileName = fileName;
  }

  /**
   * Reads the file that the arguments or the environment name, if any.
   *
   * @throws SettingException when it cannot be read or is not a flat mapping of texts
   */
  public static SettingDefaults load(String[] args, Map<String, String> environment) {
    Optional<String> name =
        fileName(args)
            .or(() -> Optional.ofNullable(environment.get(ENVIRONMENT_PREFIX + "CONFIG")));
    return new SettingDefaults(
        environment, name.map(SettingDefaults::read).orElse(Map.of()), name.orElse(""));
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || option.longestName().equals(FLAG)) {
      return argument.defaultValue();
    }
    String key = option.longestName().replaceFirst("^--", "");
    String variable = ENVIRONMENT_PREFIX + key.toUpperCase(Locale.ROOT).replace('-', '_');
    String fromEnvironment = environment.get(variable);
    if (fromEnvironment != null) {
      return fromEnvironment;
    }
    Entry entry = file.get(key);
    return entry == null ? argument.defaultValue() : entry.value();
  }

  /**
   * Refuses keys of the file that no option of the command has.
   *
   * @throws SettingException naming the line
   */
  public void requireKnown(CommandSpec command) {
    for (Map.Entry<String, Entry> entry : file.entrySet()) {
      if (command.findOption("--" + entry.getKey()) == null) {
        throw new SettingException(
            fileName
                + ", line "
                + entry.getValue().line()
                + ": unknown setting `"
                + entry.getKey()
                + "`");
      }
    }
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

  private static Map<String, Entry> read(String name) {
    try {
      String text = Files.readString(Path.of(name), StandardCharsets.UTF_8);
      Optional<Node> root = new Compose(LoadSettings.builder().build()).composeString(text);
      if (root.isEmpty()) {
        return Map.of();
      }
      if (!(root.get() instanceof MappingNode mapping)) {
        throw new SettingException(name + ": expected a mapping of settings");
      }
      Map<String, Entry> entries = new HashMap<>();
      for (NodeTuple tuple : mapping.getValue()) {
        int line = tuple.getKeyNode().getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
        if (!(tuple.getKeyNode() instanceof ScalarNode key)
            || !(tuple.getValueNode() instanceof ScalarNode value)) {
          throw new SettingException(name + ", line " + line + ": expected `setting: value`");
        }
        entries.put(key.getValue(), new Entry(value.getValue(), line));
      }
      return entries;
    } catch (NoSuchFileException e) {
      throw new SettingException(name + ": there is no such file");
    } catch (IOException e) {
      throw new SettingException(name + ": cannot be read");
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new SettingException(name + ", line " + line + ": " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new SettingException(name + ": is no YAML");
    }
  }
}
