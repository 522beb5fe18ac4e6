package dev.modelgate.client.protect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The cases of {@code client/protocols/vectors.yaml}, which says what they mean. */
public final class Vectors {
  private final Map<String, Object> file;
  private final Map<String, Protection> protections = new LinkedHashMap<>();

  private Vectors(Map<String, Object> file) {
    this.file = file;
    this.<String>map(file.get("documents"))
        .forEach((name, text) -> protections.put(name, Protection.parse(name, text)));
  }

  /** Reads them. */
  @SuppressWarnings("unchecked")
  public static Vectors read() {
    try {
      String text = Files.readString(Path.of("..", "client", "protocols", "vectors.yaml"));
      // As one alias, a document could be another case's; there are none.
      LoadSettings settings = LoadSettings.builder().setCodePointLimit(1 << 22).build();
      return new Vectors((Map<String, Object>) new Load(settings).loadFromString(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A case of a gRPC message.
   *
   * @param outcome as {@link #outcome} has it
   */
  public record GrpcCase(
      String name, Protection protection, String method, byte[] message, Object outcome) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** A case of an HTTP request. */
  public record HttpCase(
      String name,
      Protection protection,
      HttpRequest request,
      byte @Nullable [] body,
      boolean complete,
      Object outcome) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** A document that is refused. */
  public record Refused(String name, int line, String document) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** All of gRPC. */
  public List<GrpcCase> grpc() {
    List<GrpcCase> cases = new ArrayList<>();
    for (Map<String, Object> each : this.<Map<String, Object>>list(file.get("grpc"))) {
      cases.add(
          new GrpcCase(
              text(each, "name"),
              protection(each),
              text(each, "method"),
              HexFormat.of().parseHex(text(each, "message")),
              expected(each)));
    }
    return cases;
  }

  /** All of HTTP. */
  public List<HttpCase> http() {
    List<HttpCase> cases = new ArrayList<>();
    for (Map<String, Object> each : this.<Map<String, Object>>list(file.get("http"))) {
      Map<String, List<String>> headers = new LinkedHashMap<>();
      for (List<String> line : this.<List<String>>list(each.getOrDefault("headers", List.of()))) {
        headers.computeIfAbsent(line.get(0), name -> new ArrayList<>()).add(line.get(1));
      }
      String request = text(each, "request");
      int space = request.indexOf(' ');
      cases.add(
          new HttpCase(
              text(each, "name"),
              protection(each),
              new HttpRequest(request.substring(0, space), request.substring(space + 1), headers),
              body(each),
              each.getOrDefault("complete", true).equals(true),
              expected(each)));
    }
    return cases;
  }

  private byte @Nullable [] body(Map<String, Object> each) {
    if (each.containsKey("body")) {
      return text(each, "body").getBytes(StandardCharsets.UTF_8);
    }
    return each.containsKey("body-hex") ? HexFormat.of().parseHex(text(each, "body-hex")) : null;
  }

  /** Ids by the names of models. */
  public Map<String, String> names() {
    Map<String, String> names = new LinkedHashMap<>();
    for (Map<String, String> each : this.<Map<String, String>>list(file.get("names"))) {
      names.put(String.valueOf(each.get("model")), String.valueOf(each.get("id")));
    }
    return names;
  }

  /** All documents that are refused. */
  public List<Refused> refused() {
    List<Refused> cases = new ArrayList<>();
    for (Map<String, Object> each : this.<Map<String, Object>>list(file.get("refused"))) {
      cases.add(
          new Refused(
              text(each, "name"), Integer.parseInt(text(each, "line")), text(each, "document")));
    }
    return cases;
  }

  /** An outcome in the form that {@link GrpcCase#outcome} has: comparable, whatever the words. */
  public static Object outcome(Outcome outcome) {
    if (outcome instanceof Outcome.Targets targets) {
      return Set.copyOf(targets.targets());
    }
    if (outcome instanceof Outcome.Unmapped) {
      return "unmapped";
    }
    if (outcome instanceof Outcome.Malformed) {
      return "malformed";
    }
    if (outcome instanceof Outcome.NeedsBody) {
      return "needs-body";
    }
    return outcome instanceof Outcome.Open ? "open" : outcome;
  }

  private Object expected(Map<String, Object> each) {
    Map<String, Object> outcome = map(each.get("outcome"));
    return switch (text(outcome, "is")) {
      case "targets" -> {
        List<Target> targets = new ArrayList<>();
        for (Map<String, Object> target : this.<Map<String, Object>>list(outcome.get("targets"))) {
          targets.add(new Target(text(target, "resource"), text(target, "action")));
        }
        yield Set.copyOf(targets);
      }
      case "listing" -> new Outcome.Listing(text(outcome, "list"), text(outcome, "action"));
      default -> text(outcome, "is");
    };
  }

  private Protection protection(Map<String, Object> each) {
    Protection protection = protections.get(text(each, "document"));
    if (protection == null) {
      throw new IllegalStateException("no such document: " + each.get("document"));
    }
    return protection;
  }

  private static String text(Map<String, Object> each, String key) {
    return String.valueOf(each.get(key));
  }

  @SuppressWarnings("unchecked")
  private <T> Map<String, T> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? (Map<String, T>) map : Map.of();
  }

  @SuppressWarnings("unchecked")
  private <T> List<T> list(@Nullable Object value) {
    return value instanceof List<?> list ? (List<T>) list : List.of();
  }
}
