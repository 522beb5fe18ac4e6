package dev.modelgate.config;

import dev.modelgate.model.InvalidNameException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A place in a YAML file that an operator wrote, read as one of the few shapes that settings have;
 * everything else is an error that begins with the file and the line.
 *
 * <p>Keys are known or refused, and stand once. There are no anchors and no tags with a meaning: a
 * scalar is its text.
 */
public final class YamlNode {
  private final String file;
  private final Node node;

  private YamlNode(String file, Node node) {
    this.file = file;
    this.node = node;
  }

  /**
   * Reads a file of at most 1 MiB.
   *
   * @throws SettingException when it cannot be read, is empty or no YAML
   */
  public static YamlNode read(String file) {
    return parse(file, SettingFile.text(file));
  }

  /** Reads a text as if it stood in that file. */
  static YamlNode parse(String file, String text) {
    LoadSettings settings =
        LoadSettings.builder().setAllowDuplicateKeys(false).setMaxAliasesForCollections(0).build();
    try {
      Optional<Node> root = new Compose(settings).composeString(text);
      return new YamlNode(file, root.orElseThrow(() -> new SettingException(file + ": is empty")));
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new SettingException(
          SettingFile.at(file, line) + SettingFile.oneLine(String.valueOf(e.getProblem())));
    } catch (YamlEngineException e) {
      throw new SettingException(file + ": is no YAML");
    }
  }

  /**
   * The fields of a mapping, in their order.
   *
   * @param allowed the keys that there can be
   */
  public Map<String, YamlNode> fields(Set<String> allowed) {
    if (!(node instanceof MappingNode mapping)) {
      throw error("expected: a mapping");
    }
    Map<String, YamlNode> fields = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      YamlNode key = new YamlNode(file, tuple.getKeyNode());
      String name = key.text();
      if (!allowed.contains(name)) {
        throw key.error(
            "unknown key `" + shown(name) + "` (expected: one of " + new TreeSet<>(allowed) + ")");
      }
      if (fields.put(name, new YamlNode(file, tuple.getValueNode())) != null) {
        throw key.error("`" + name + "` stands twice");
      }
    }
    return fields;
  }

  /** One of the fields of this mapping, which must be there. */
  public YamlNode required(Map<String, YamlNode> fields, String key) {
    YamlNode found = fields.get(key);
    if (found == null) {
      throw error("`" + key + "` is missing");
    }
    return found;
  }

  /** The items of a list. */
  public List<YamlNode> items() {
    if (!(node instanceof SequenceNode sequence)) {
      throw error("expected: a list");
    }
    List<YamlNode> items = new ArrayList<>();
    sequence.getValue().forEach(item -> items.add(new YamlNode(file, item)));
    return items;
  }

  /** The items of a list, or the one text that stands in its place. */
  public List<YamlNode> oneOrMore() {
    return node instanceof ScalarNode ? List.of(this) : items();
  }

  /** A text that is not blank. */
  public String text() {
    if (!(node instanceof ScalarNode scalar) || scalar.getValue().isBlank()) {
      throw error("expected: a text");
    }
    return scalar.getValue();
  }

  /**
   * A text that a reader understands.
   *
   * @param reader throws IllegalArgumentException for what it does not understand
   * @param expected what it does
   */
  public <T> T as(Function<String, T> reader, String expected) {
    try {
      return reader.apply(text());
    } catch (IllegalArgumentException e) {
      throw error("`" + shown(text()) + "` (expected: " + expected + ")");
    }
  }

  /** A whole number within bounds, both inclusive. */
  public long number(long min, long max) {
    String expected = min + ".." + max;
    long value = as(Long::parseLong, expected);
    if (value < min || value > max) {
      throw error("`" + value + "` (expected: " + expected + ")");
    }
    return value;
  }

  /** {@code true} or {@code false}. */
  public boolean flag() {
    return switch (text()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw error("`" + shown(text()) + "` (expected: true or false)");
    };
  }

  /** An error of this place. */
  public SettingException error(String problem) {
    int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    return new SettingException(SettingFile.at(file, line) + problem);
  }

  private static String shown(String value) {
    return InvalidNameException.shortened(value);
  }
}
