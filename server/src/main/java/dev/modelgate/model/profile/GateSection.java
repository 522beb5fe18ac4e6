package dev.modelgate.model.profile;

import static dev.modelgate.model.profile.YamlReader.distinct;
import static dev.modelgate.model.profile.YamlReader.error;
import static dev.modelgate.model.profile.YamlReader.fields;
import static dev.modelgate.model.profile.YamlReader.flag;
import static dev.modelgate.model.profile.YamlReader.items;
import static dev.modelgate.model.profile.YamlReader.named;
import static dev.modelgate.model.profile.YamlReader.required;
import static dev.modelgate.model.profile.YamlReader.texts;
import static dev.modelgate.model.profile.YamlReader.word;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the sections {@code features}, {@code flags} and {@code gates}. */
final class GateSection {
  private static final Pattern REASON = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

  private final Permissions permissions;
  private final Map<String, Kind> kinds;
  private final Map<String, Boolean> features;
  private final Map<String, Flag> flags;

  GateSection(
      Permissions permissions, List<Kind> kinds, @Nullable Node features, @Nullable Node flags) {
    this.permissions = permissions;
    this.kinds = kinds.stream().collect(Collectors.toMap(Kind::name, kind -> kind));
    this.features = features(features);
    this.flags = flags(flags);
  }

  /** The declared features, each with whether it is on where an organization says nothing. */
  Map<String, Boolean> features() {
    return features;
  }

  Map<String, Flag> flags() {
    return flags;
  }

  /** The gates, in the order in which a denial looks for its reason. */
  List<Gate> gates(@Nullable Node node) {
    List<Gate> gates = new ArrayList<>();
    for (Node item : node == null ? List.<Node>of() : items(node)) {
      gates.add(gate(item));
    }
    return gates;
  }

  private Gate gate(Node node) {
    Map<String, Node> fields =
        fields(
            node,
            Set.of(
                "reason",
                "kinds",
                "types",
                "flags",
                "features",
                "closes",
                "unless",
                "exempts_owner"));
    Node reason = required(node, fields, "reason");
    if (!REASON.matcher(word(reason)).matches()) {
      throw error(reason, "reason `" + word(reason) + "` (expected: UPPER_SNAKE)");
    }
    Node closes = required(node, fields, "closes");
    Node unless = fields.get("unless");
    Node types = fields.get("types");
    Gate gate =
        new Gate(
            word(reason),
            kinds(required(node, fields, "kinds")),
            types == null ? Set.of() : new LinkedHashSet<>(distinct(types)),
            conditions(fields.get("flags"), flags.keySet(), "flag"),
            conditions(fields.get("features"), features.keySet(), "feature"),
            permissions.mask(texts(closes), permissions.all(), closes),
            unless == null ? 0 : permissions.mask(texts(unless), permissions.all(), unless),
            flag(fields, "exempts_owner", false));
    if (gate.closes() == 0) {
      throw error(closes, "a gate closes a permission at least");
    }
    return gate;
  }

  private Set<String> kinds(Node node) {
    Set<String> names = new LinkedHashSet<>(distinct(node));
    if (names.isEmpty() || !kinds.keySet().containsAll(names)) {
      throw error(node, "expected: one or more kinds of this profile");
    }
    return names;
  }

  private static Map<String, Boolean> conditions(
      @Nullable Node node, Set<String> declared, String what) {
    Map<String, Boolean> conditions = new HashMap<>();
    if (node != null) {
      Map<String, Node> fields = fields(node, declared);
      if (fields.isEmpty()) {
        throw error(node, "expected: one " + what + " or more");
      }
      fields.keySet().forEach(name -> conditions.put(name, flag(fields, name, false)));
    }
    return conditions;
  }

  private static Map<String, Boolean> features(@Nullable Node node) {
    Map<String, Boolean> features = new LinkedHashMap<>();
    if (node != null) {
      Map<String, Node> fields = named(node);
      fields.keySet().forEach(name -> features.put(name, flag(fields, name, true)));
    }
    return features;
  }

  private Map<String, Flag> flags(@Nullable Node node) {
    Map<String, Flag> read = new LinkedHashMap<>();
    if (node != null) {
      for (Map.Entry<String, Node> entry : named(node).entrySet()) {
        Map<String, Node> fields = fields(entry.getValue(), Set.of("kinds", "needs"));
        Node needs = required(entry.getValue(), fields, "needs");
        read.put(
            entry.getKey(),
            new Flag(
                entry.getKey(),
                kinds(required(entry.getValue(), fields, "kinds")),
                permissions.needed(needs)));
      }
    }
    return read;
  }
}
