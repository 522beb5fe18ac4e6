package dev.modelgate.client.protect;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads protection documents, and the protocol documents that they name. */
final class ProtectionReader {
  /** The protocols that are built in. */
  static final Set<String> PROTOCOLS =
      Set.of("kserve-v1", "open-inference", "openai", "tensorflow-serving");

  private static final Set<String> KEYS =
      Set.of(
          "parent",
          "protocols",
          "versions",
          "actions",
          "principal",
          "acting-through",
          "grpc",
          "http");
  private static final Set<String> PROTOCOL_KEYS = Set.of("protocol", "grpc", "http");
  private static final Map<String, String> ACTIONS = Map.of("get", "get_use", "load", "update");

  /** Room for {@code /models/{model}/versions/{version}} within the eight levels of a name. */
  private static final Pattern PARENT =
      Pattern.compile("organizations/[^/\\s]{1,256}(/[a-z][a-zA-Z]{0,62}/[^/\\s]{1,256}){0,5}");

  private ProtectionReader() {}

  static Protection read(YamlNode document) {
    Map<String, YamlNode> fields = document.fields(KEYS);
    String parent =
        document
            .required(fields, "parent")
            .as(ProtectionReader::parent, "a full name such as organizations/acme");
    ResourceNames names = new ResourceNames(parent, versions(fields.get("versions")));
    Map<String, String> actions = actions(fields.get("actions"));
    RuleReader own = new RuleReader(actions);
    own.read(fields);
    RuleReader all = new RuleReader(actions);
    YamlNode protocols = fields.get("protocols");
    if (protocols != null) {
      Set<String> seen = new HashSet<>();
      for (YamlNode protocol : protocols.oneOrMore()) {
        if (!seen.add(protocol.text())) {
          throw protocol.error("`" + YamlNode.shown(protocol.text()) + "` stands twice");
        }
        all.add(protocol(protocol, actions), own, protocol);
      }
    }
    all.replace(own);
    if (all.grpc().isEmpty() && all.http().isEmpty()) {
      throw document.error("expected: `protocols`, `grpc` or `http`, or every request is denied");
    }
    Map<String, MethodRule> grpc = new HashMap<>();
    all.grpc().forEach((method, entry) -> grpc.put(method, entry.rule(names)));
    return new Protection(
        parent, names, grpc, new ArrayList<>(all.http().values()), PrincipalReader.read(fields));
  }

  private static String parent(String text) {
    if (!PARENT.matcher(text).matches()) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }

  private static VersionMode versions(@Nullable YamlNode node) {
    return node == null
        ? VersionMode.CHECK
        : node.as(
            text -> {
              if (!Set.of("check", "ignore", "numeric").contains(text)) {
                throw new IllegalArgumentException(text);
              }
              return VersionMode.valueOf(text.toUpperCase(Locale.ROOT));
            },
            "check, ignore or numeric");
  }

  private static Map<String, String> actions(@Nullable YamlNode node) {
    Map<String, String> actions = new HashMap<>(ACTIONS);
    if (node != null) {
      node.entries().forEach((name, action) -> actions.put(name, RuleReader.actionName(action)));
    }
    return actions;
  }

  private static RuleReader protocol(YamlNode name, Map<String, String> actions) {
    if (!PROTOCOLS.contains(name.text())) {
      throw name.error(
          "`"
              + YamlNode.shown(name.text())
              + "` (expected: one of "
              + new TreeSet<>(PROTOCOLS)
              + ")");
    }
    RuleReader rules = new RuleReader(actions);
    rules.read(YamlNode.parse(name.text() + ".yaml", text(name.text())).fields(PROTOCOL_KEYS));
    return rules;
  }

  private static String text(String protocol) {
    String resource = "protocols/" + protocol + ".yaml";
    try (InputStream in = ProtectionReader.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("a built-in protocol is missing: " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
