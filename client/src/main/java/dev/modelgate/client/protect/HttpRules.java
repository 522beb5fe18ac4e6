package dev.modelgate.client.protect;

import dev.modelgate.client.protect.HttpPattern.Variable;
import dev.modelgate.client.protect.HttpRule.Ask;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All rules of HTTP requests.
 *
 * <p>Of several that match a path, the more particular one counts, segment by segment from the
 * left: a text before a variable with a suffix, that before a variable alone. No two match by the
 * same shape, so there is always one that counts.
 */
final class HttpRules {
  private final ResourceNames names;

  /** By method and number of segments, the more particular first. */
  private final Map<String, List<HttpRule>> rules = new HashMap<>();

  HttpRules(Collection<HttpRule> all, ResourceNames names) {
    this.names = names;
    for (HttpRule rule : all) {
      rules
          .computeIfAbsent(
              key(rule.pattern().method(), rule.pattern().segments().size()),
              key -> new ArrayList<>())
          .add(rule);
    }
    rules.values().forEach(list -> list.sort(Comparator.comparing(rule -> rule.pattern().shape())));
  }

  private static String key(String method, int segments) {
    return method + " " + segments;
  }

  /**
   * What a request asks for.
   *
   * @param body null when it was not read
   */
  Outcome read(HttpRequest request, byte @Nullable [] body) {
    try {
      HeaderRules.requireSafe(request);
      RawPath path = RawPath.of(request.target());
      HttpRule rule = match(request.method(), path.raw());
      if (rule == null) {
        return new Outcome.Unmapped("no rule for this request");
      }
      if (path.hasEncoded()) {
        HttpRule other = match(request.method(), path.decoded());
        if (other != null && !other.equals(rule)) {
          // A server that decodes before it routes takes it for that one.
          throw new MalformedException("a path that is another request when it is decoded");
        }
      }
      return read(rule, path, request, body);
    } catch (MalformedException e) {
      return new Outcome.Malformed(e.why());
    }
  }

  private @Nullable HttpRule match(String method, List<String> path) {
    for (HttpRule rule : rules.getOrDefault(key(method, path.size()), List.of())) {
      if (rule.pattern().matches(path)) {
        return rule;
      }
    }
    return null;
  }

  private Outcome read(HttpRule rule, RawPath path, HttpRequest request, byte @Nullable [] body) {
    if (rule.ask() instanceof Ask.Open) {
      return new Outcome.Open();
    }
    if (rule.ask() instanceof Ask.Listed listed) {
      return new Outcome.Listing(listed.list(), listed.action());
    }
    if (!(rule.ask() instanceof Ask.Models models)) {
      throw new IllegalStateException("a rule asks for something else: " + rule.ask());
    }
    Asked asked = new Asked(names, models.action());
    String model = rule.pattern().value(Variable.MODEL, path.decoded());
    if (!model.isEmpty()) {
      asked.add(model, rule.pattern().value(Variable.VERSION, path.decoded()));
    }
    if (models.body().isPresent()) {
      HeaderRules.requireJson(request);
      if (body == null) {
        return new Outcome.NeedsBody();
      }
      add(JsonBody.read(body, models.body().get()), models.body().get(), model, asked);
    }
    return asked.outcome();
  }

  private static void add(JsonBody.Found found, JsonPath path, String ofPath, Asked asked) {
    if (ofPath.isEmpty()) {
      found.texts().forEach(text -> asked.add(text, ""));
    } else if (!found.texts().stream().allMatch(ofPath::equals)) {
      throw new MalformedException("a path and a body that name different models");
    }
    if (found.anyMissing() && (ofPath.isEmpty() || path.isMany())) {
      asked.add("", "");
    }
  }
}
