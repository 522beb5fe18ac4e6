package dev.modelgate.client.protect;

import dev.modelgate.client.protect.HttpRule.Ask;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code grpc:} and {@code http:}, which protocol documents and protection documents have
 * alike, and puts several together.
 *
 * <p>No rule stands twice in one document. Of two protocols that know the same request, both must
 * say the same of it; what the protection document itself says of a request goes before both.
 */
final class RuleReader {
  private static final Set<String> GRPC_KEYS =
      Set.of("open", "action", "model", "version", "version-type", "label");
  private static final Set<String> HTTP_KEYS = Set.of("request", "open", "action", "body", "list");
  private static final Pattern SERVICE =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*");
  private static final Pattern METHOD = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern ACTION = Pattern.compile("[a-z][a-zA-Z0-9_.-]{0,63}");
  private static final String PATH = "field numbers joined by dots, such as 1.2 or 1[].2";

  private final Map<String, String> actions;
  private final Map<String, GrpcEntry> grpc = new LinkedHashMap<>();
  private final Map<String, HttpRule> http = new LinkedHashMap<>();

  /**
   * Reads rules.
   *
   * @param actions what actions of the document are in the organization's profile; others stand for
   *     themselves
   */
  RuleReader(Map<String, String> actions) {
    this.actions = Map.copyOf(actions);
  }

  /** The rules read, by the full name of the method. */
  Map<String, GrpcEntry> grpc() {
    return grpc;
  }

  /** The rules read, by shape. */
  Map<String, HttpRule> http() {
    return http;
  }

  /** Reads the two keys of a document. */
  void read(Map<String, YamlNode> fields) {
    YamlNode services = fields.get("grpc");
    if (services != null) {
      services.entries().forEach((name, methods) -> service(name, methods));
    }
    YamlNode requests = fields.get("http");
    if (requests != null) {
      requests.items().forEach(this::http);
    }
  }

  /**
   * Adds the rules of a protocol but for those about requests that {@code own} has rules for.
   *
   * @param place where errors are shown
   */
  void add(RuleReader protocol, RuleReader own, YamlNode place) {
    merge(protocol.grpc, own.grpc, grpc, place);
    merge(protocol.http, own.http, http, place);
  }

  private static <T> void merge(
      Map<String, T> from, Map<String, T> own, Map<String, T> into, YamlNode place) {
    from.forEach(
        (key, rule) -> {
          T other = into.putIfAbsent(key, rule);
          if (other != null && !other.equals(rule) && !own.containsKey(key)) {
            throw place.error(
                "`"
                    + key
                    + "` is something else in another of these protocols (expected: a rule of your"
                    + " own for it, or fewer protocols)");
          }
        });
  }

  /** Puts the document's own rules in place of the protocols'. */
  void replace(RuleReader own) {
    grpc.putAll(own.grpc);
    http.putAll(own.http);
  }

  private void service(String service, YamlNode methods) {
    if (!SERVICE.matcher(service).matches()) {
      throw methods.error("`" + YamlNode.shown(service) + "` (expected: a full service name)");
    }
    methods
        .entries()
        .forEach(
            (method, rule) -> {
              if (!METHOD.matcher(method).matches()) {
                throw rule.error("`" + YamlNode.shown(method) + "` (expected: a method's name)");
              }
              grpc.put(service + "/" + method, grpc(rule));
            });
  }

  private GrpcEntry grpc(YamlNode node) {
    Map<String, YamlNode> fields = node.fields(GRPC_KEYS);
    if (isOpen(node, fields)) {
      return new GrpcEntry.Open();
    }
    YamlNode type = fields.get("version-type");
    boolean integer =
        type != null
            && type.as(
                text -> {
                  if (!text.equals("int64") && !text.equals("string")) {
                    throw new IllegalArgumentException(text);
                  }
                  return text.equals("int64");
                },
                "int64 or string");
    if (type != null && !fields.containsKey("version")) {
      throw type.error("version-type: expected beside `version`");
    }
    String model = path(node.required(fields, "model"), Optional.empty(), integer);
    GrpcEntry.Asking entry =
        new GrpcEntry.Asking(
            action(node.required(fields, "action")),
            model,
            optionalPath(fields.get("version"), model, integer),
            integer,
            optionalPath(fields.get("label"), model, false));
    try {
      FieldTree.of(entry.model(), entry.version(), entry.label(), integer);
    } catch (IllegalArgumentException e) {
      throw node.error(String.valueOf(e.getMessage()));
    }
    return entry;
  }

  private static Optional<String> optionalPath(
      @Nullable YamlNode node, String model, boolean integer) {
    return node == null ? Optional.empty() : Optional.of(path(node, Optional.of(model), integer));
  }

  private static String path(YamlNode node, Optional<String> model, boolean integer) {
    return node.as(
        text -> {
          // As the version of that model, or as the model, it must make a tree.
          FieldTree.of(model.orElse(text), model.map(beside -> text), Optional.empty(), integer);
          return text;
        },
        model.isPresent() ? PATH + ", in the repeated message that the model is in" : PATH);
  }

  private void http(YamlNode node) {
    Map<String, YamlNode> fields = node.fields(HTTP_KEYS);
    YamlNode request = node.required(fields, "request");
    HttpPattern pattern =
        request.as(
            HttpPattern::parse,
            "METHOD /path with {model}, {version} or {label} as a segment or before a :suffix");
    HttpRule rule = new HttpRule(pattern, ask(node, pattern, fields));
    if (http.put(pattern.shape(), rule) != null) {
      throw node.error("`" + YamlNode.shown(request.text()) + "` matches what a rule before does");
    }
  }

  private Ask ask(YamlNode node, HttpPattern pattern, Map<String, YamlNode> fields) {
    if (isOpen(node, fields)) {
      return new Ask.Open();
    }
    String action = action(node.required(fields, "action"));
    YamlNode body = fields.get("body");
    YamlNode list = fields.get("list");
    if (list != null) {
      if (body != null || pattern.namesModel()) {
        throw node.error("list: expected neither `body` nor a variable in the path");
      }
      return new Ask.Listed(action, list.as(RuleReader::list, "keys such as data[].id"));
    }
    if (body == null && !pattern.namesModel()) {
      throw node.error("expected: {model} in the path, `body`, `list`, or `open: true`");
    }
    if (body == null) {
      return new Ask.Models(action, Optional.empty());
    }
    Map<String, YamlNode> keys = body.fields(Set.of("model"));
    return new Ask.Models(
        action,
        Optional.of(
            body.required(keys, "model")
                .as(JsonPath::parse, "keys of the JSON body joined by dots, [] behind an array")));
  }

  private static String list(String text) {
    if (!JsonPath.parse(text).isMany()) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }

  private static boolean isOpen(YamlNode node, Map<String, YamlNode> fields) {
    YamlNode open = fields.get("open");
    if (open == null) {
      return false;
    }
    if (!open.flag() || fields.size() > (fields.containsKey("request") ? 2 : 1)) {
      throw node.error("open: expected `true`, and nothing beside it");
    }
    return true;
  }

  private String action(YamlNode node) {
    String action = actionName(node);
    return actions.getOrDefault(action, action);
  }

  /** The name of an action. */
  static String actionName(YamlNode node) {
    return node.as(
        text -> {
          if (!ACTION.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
          }
          return text;
        },
        "an action of the organization's profile");
  }
}
