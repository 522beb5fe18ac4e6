package dev.modelgate.client.protect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The head of an HTTP request, as it came.
 *
 * @param method such as {@code POST}, case-sensitive
 * @param target the request target with its query, not decoded, such as {@code /v1/models?limit=3}
 * @param headers values by name, one per line of the request; names in any case
 */
public record HttpRequest(String method, String target, Map<String, List<String>> headers) {
  /** Copies the headers, their names in lower case. */
  public HttpRequest {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    headers.forEach(
        (name, values) ->
            copy.computeIfAbsent(name.toLowerCase(Locale.ROOT), key -> new ArrayList<>())
                .addAll(values));
    copy.replaceAll((name, values) -> List.copyOf(values));
    headers = Map.copyOf(copy);
  }

  /** The values of a header, by its name in lower case. */
  List<String> all(String name) {
    return headers.getOrDefault(name, List.of());
  }
}
