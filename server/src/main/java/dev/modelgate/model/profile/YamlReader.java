package dev.modelgate.model.profile;

import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.PrincipalKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
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
 * Reads YAML nodes as the few shapes that a profile has; everything else is an error with its line.
 */
final class YamlReader {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,62}");

  private YamlReader() {}

  static Node compose(String document) {
    LoadSettings settings =
        LoadSettings.builder()
            .setAllowDuplicateKeys(false)
            .setMaxAliasesForCollections(64)
            .setUseMarks(true)
            .build();
    try {
      Optional<Node> root = new Compose(settings).composeString(document);
      return root.orElseThrow(() -> new ProfileException(1, "is empty"));
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new ProfileException(line, e.getProblem() == null ? "is no YAML" : e.getProblem());
    } catch (YamlEngineException e) {
      throw new ProfileException(1, "is no YAML: " + e.getMessage());
    }
  }

  /** The entries of a mapping by key, in order; a key that is not in {@code allowed} is refused. */
  static Map<String, Node> fields(Node node, Set<String> allowed) {
    Map<String, Node> fields = entries(node);
    for (String key : fields.keySet()) {
      if (!allowed.contains(key)) {
        throw error(
            keyNode(node, key),
            "unknown key `" + key + "` (expected: one of " + sorted(allowed) + ")");
      }
    }
    return fields;
  }

  static Map<String, Node> entries(Node node) {
    if (!(node instanceof MappingNode mapping)) {
      throw error(node, "expected: a mapping");
    }
    Map<String, Node> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = word(tuple.getKeyNode());
      if (entries.put(key, tuple.getValueNode()) != null) {
        throw error(tuple.getKeyNode(), "`" + key + "` stands twice");
      }
    }
    return entries;
  }

  /** Entries whose keys are names of this profile. */
  static Map<String, Node> named(Node node) {
    Map<String, Node> entries = entries(node);
    for (String name : entries.keySet()) {
      requireName(keyNode(node, name), name);
    }
    return entries;
  }

  /** Refuses what is no name of a permission, role, kind, action, feature or flag. */
  static void requireName(Node node, String name) {
    if (!NAME.matcher(name).matches()) {
      String shown = InvalidNameException.shortened(name);
      throw error(
          node, "`" + shown + "` (expected: a letter and up to 62 letters, digits, dots, _ and -)");
    }
  }

  static Node required(Node parent, Map<String, Node> fields, String key) {
    Node node = fields.get(key);
    if (node == null) {
      throw error(parent, "`" + key + "` is missing");
    }
    return node;
  }

  static String word(Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      throw error(node, "expected: a text");
    }
    return scalar.getValue();
  }

  static int number(Node node) {
    try {
      return Integer.parseInt(word(node));
    } catch (NumberFormatException e) {
      throw error(node, "`" + word(node) + "` (expected: a whole number)");
    }
  }

  static boolean flag(Map<String, Node> fields, String key, boolean defaultValue) {
    Node node = fields.get(key);
    if (node == null) {
      return defaultValue;
    }
    return switch (word(node)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw error(node, key + ": `" + word(node) + "` (expected: true or false)");
    };
  }

  static List<Node> items(Node node) {
    if (!(node instanceof SequenceNode sequence)) {
      throw error(node, "expected: a list");
    }
    return sequence.getValue();
  }

  static List<String> texts(Node node) {
    List<String> texts = new ArrayList<>();
    for (Node item : items(node)) {
      texts.add(word(item));
    }
    return texts;
  }

  /** A list of texts, each once. */
  static List<String> distinct(Node node) {
    List<String> texts = texts(node);
    if (Set.copyOf(texts).size() != texts.size()) {
      throw error(node, "a name stands twice");
    }
    return texts;
  }

  /** A list of kinds of principals, each by its prefix and once. */
  static Set<PrincipalKind> principalKinds(Node node) {
    Set<PrincipalKind> kinds = EnumSet.noneOf(PrincipalKind.class);
    for (String prefix : distinct(node)) {
      PrincipalKind named = null;
      for (PrincipalKind kind : PrincipalKind.values()) {
        named = kind.prefix().equals(prefix) ? kind : named;
      }
      if (named == null) {
        throw error(node, "`" + prefix + "` is no kind of principal");
      }
      kinds.add(named);
    }
    return kinds;
  }

  /** A field that names a constant in lower case. */
  static <E extends Enum<E>> E choice(
      Node parent, Map<String, Node> fields, String key, Class<E> type) {
    return constant(required(parent, fields, key), key, type);
  }

  /** The same for a field that may be missing. */
  static <E extends Enum<E>> E choice(Map<String, Node> fields, String key, E defaultValue) {
    Node node = fields.get(key);
    return node == null ? defaultValue : constant(node, key, defaultValue.getDeclaringClass());
  }

  private static <E extends Enum<E>> E constant(Node node, String key, Class<E> type) {
    List<String> words = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String word = constant.name().toLowerCase(Locale.ROOT);
      if (word.equals(word(node))) {
        return constant;
      }
      words.add(word);
    }
    throw error(node, key + ": `" + word(node) + "` (expected: one of " + words + ")");
  }

  static ProfileException error(Node node, String message) {
    return new ProfileException(
        node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1), message);
  }

  private static Node keyNode(Node node, String key) {
    for (NodeTuple tuple : ((MappingNode) node).getValue()) {
      if (word(tuple.getKeyNode()).equals(key)) {
        return tuple.getKeyNode();
      }
    }
    return node;
  }

  private static List<String> sorted(Set<String> words) {
    return words.stream().sorted().toList();
  }
}
