package dev.modelgate.cel;

import dev.cel.common.values.NullValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An attribute of the context that a condition names, {@code context.device.trusted}, or the
 * question whether the request has it, {@code has(context.device.trusted)}.
 *
 * @param path the keys on the way to it: {@code device}, {@code trusted}
 * @param presence whether it is the question, which every request answers
 */
record Attribute(List<String> path, boolean presence) {

  Attribute {
    path = List.copyOf(path);
  }

  /** The name by which callers are told that it is missing: {@code device.trusted}. */
  String name() {
    return String.join(".", path);
  }

  /**
   * Its value there, in the types of the interpreter; null if it is missing.
   *
   * @throws IllegalArgumentException when the way to it leads through a value that has no
   *     attributes, which makes it neither there nor missing, or when the value has no type here
   */
  @Nullable Object in(Map<String, Object> context) {
    Map<?, ?> map = context;
    int last = path.size() - 1;
    for (String key : path.subList(0, last)) {
      Object value = map.get(key);
      if (value instanceof Map<?, ?> inner) {
        map = inner;
      } else if (value == null && !map.containsKey(key)) {
        return presence ? Boolean.FALSE : null;
      } else {
        throw new IllegalArgumentException("no attributes");
      }
    }
    boolean present = map.containsKey(path.get(last));
    if (presence) {
      return present;
    }
    return present ? adapted(map.get(path.get(last))) : null;
  }

  private static Object adapted(@Nullable Object value) {
    if (value == null) {
      return NullValue.NULL_VALUE;
    }
    if (value instanceof String || value instanceof Boolean || value instanceof Double) {
      return value;
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list.size());
      list.forEach(element -> copy.add(adapted(element)));
      return copy;
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((key, element) -> copy.put(key, adapted(element)));
      return copy;
    }
    throw new IllegalArgumentException("no type of the context");
  }
}
