package dev.modelgate.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * May {@code principal} do {@code action} on {@code model}?
 *
 * <p>Invariant: the three names are not empty, and the collections are immutable copies. Whether
 * the names are canonical is for the sidecar to say; a malformed one is answered as a denial with
 * its cause.
 *
 * @param principal who acts, such as {@code user:ana@acme.com}; the id has 1 to 256 bytes of UTF-8
 * @param model what is acted on: a full path such as {@code organizations/acme/models/fraud}, or a
 *     relative name that the sidecar completes; at most 2,048 bytes
 * @param action a verb of the organization's profile, such as {@code predict}; 1 to 64 bytes
 * @param actingThrough the service accounts or apps in between, nearest to the principal first; all
 *     of them must be allowed, too; at most 8
 * @param context attributes for conditions; values are {@link String}, {@link Number}, {@link
 *     Boolean}, {@link List} or {@link Map} with string keys, nested at most 32 deep; at most 64
 *     KiB encoded
 * @param linkSecret the secret of the external link that {@code principal} is, at most 256 bytes,
 *     or empty; never part of {@link #toString}
 */
public record Question(
    String principal,
    String model,
    String action,
    List<String> actingThrough,
    Map<String, Object> context,
    String linkSecret) {

  private static final int DEPTH_MAX = 32;

  /**
   * Copies the collections.
   *
   * @throws IllegalArgumentException if a name is empty, a string has half a surrogate pair, or the
   *     context has a value of another type or is nested too deep
   */
  public Question {
    requireName("principal", principal);
    requireName("model", model);
    requireName("action", action);
    actingThrough = List.copyOf(actingThrough);
    actingThrough.forEach(link -> requireText("actingThrough", link));
    context = copy(context, 1);
    requireText("linkSecret", linkSecret);
  }

  /** A question by anybody but an external link, as the canonical constructor. */
  public Question(
      String principal,
      String model,
      String action,
      List<String> actingThrough,
      Map<String, Object> context) {
    this(principal, model, action, actingThrough, context, "");
  }

  /** A question without a chain and without attributes. */
  public static Question of(String principal, String model, String action) {
    return new Question(principal, model, action, List.of(), Map.of());
  }

  /** All but the secret, so that a question may be logged. */
  @Override
  public String toString() {
    return "Question[principal="
        + principal
        + ", model="
        + model
        + ", action="
        + action
        + ", actingThrough="
        + actingThrough
        + ", context="
        + context
        + (linkSecret.isEmpty() ? "]" : ", linkSecret=***]");
  }

  private static void requireName(String field, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(field + ": `` (expected: not empty)");
    }
    requireText(field, value);
  }

  /** Half a pair would become a question mark on the wire, and the question another one. */
  private static void requireText(String field, String value) {
    boolean hasSurrogates = false;
    for (int i = 0; i < value.length(); i++) {
      hasSurrogates |= Character.isSurrogate(value.charAt(i));
    }
    if (hasSurrogates && !StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      throw new IllegalArgumentException(field + ": half a surrogate pair (expected: Unicode)");
    }
  }

  private static Map<String, Object> copy(Map<?, ?> map, int depth) {
    if (map.isEmpty()) {
      return Map.of();
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach(
        (key, value) -> {
          if (!(key instanceof String name)) {
            throw new IllegalArgumentException("context: key `" + key + "` (expected: a string)");
          }
          requireText("context", name);
          copy.put(name, copyValue(value, depth));
        });
    return Collections.unmodifiableMap(copy);
  }

  private static Object copyValue(@Nullable Object value, int depth) {
    if (depth > DEPTH_MAX) {
      throw new IllegalArgumentException("context: expected at most " + DEPTH_MAX + " levels");
    }
    if (value instanceof String text) {
      requireText("context", text);
      return text;
    }
    if (value instanceof Number || value instanceof Boolean) {
      return value;
    }
    if (value instanceof Map<?, ?> map) {
      return copy(map, depth + 1);
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list.size());
      list.forEach(element -> copy.add(copyValue(element, depth + 1)));
      return List.copyOf(copy);
    }
    throw new IllegalArgumentException(
        "context: value of "
            + (value == null ? "null" : value.getClass().getName())
            + " (expected: string, number, boolean, list or map)");
  }
}
