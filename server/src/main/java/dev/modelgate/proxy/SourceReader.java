package dev.modelgate.proxy;

import dev.modelgate.config.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads who asks from a protection document: {@code principal} and {@code acting-through}. */
final class SourceReader {
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
  private static final Pattern HEADER = Pattern.compile("[a-z0-9-]{1,64}");

  private SourceReader() {}

  /**
   * Reads them.
   *
   * @return the alternatives of the principal, then those of each link he acts through
   * @throws dev.modelgate.config.SettingException naming the line
   */
  static List<List<Source>> read(String file) {
    YamlNode document = YamlNode.read(file);
    Map<String, YamlNode> fields = document.fields(KEYS);
    List<List<Source>> links = new ArrayList<>();
    links.add(alternatives(document.required(fields, "principal")));
    YamlNode through = fields.get("acting-through");
    if (through != null) {
      through.items().forEach(link -> links.add(alternatives(link)));
    }
    return links;
  }

  private static List<Source> alternatives(YamlNode node) {
    List<Source> sources = new ArrayList<>();
    (node.isList() ? node.items() : List.of(node)).forEach(source -> sources.add(source(source)));
    if (sources.isEmpty()) {
      throw node.error("expected: a credential");
    }
    return sources;
  }

  private static Source source(YamlNode node) {
    if (node.isText()) {
      return node.as(SourceReader::named, "jwt, certificate, or {header: name}");
    }
    Map<String, YamlNode> fields = node.fields(Set.of("header"));
    return new Source.Header(
        node.required(fields, "header").as(SourceReader::header, "the name of a header"));
  }

  private static Source named(String text) {
    return switch (text) {
      case "jwt" -> new Source.Jwt();
      case "certificate" -> new Source.Certificate();
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static String header(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!HEADER.matcher(lower).matches()) {
      throw new IllegalArgumentException(name);
    }
    return lower;
  }
}
