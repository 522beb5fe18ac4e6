package dev.modelgate.app.query;

import java.util.Map;
import java.util.function.Supplier;

/**
 * The attributes of a lookup's request, for conditions.
 *
 * @param attributes asked for only when there is a condition
 * @param digest says which they are, for a page token is bound to them; empty without any
 */
public record LookupContext(Supplier<Map<String, Object>> attributes, String digest) {
  /** No attributes. */
  public static final LookupContext NONE = new LookupContext(Map::of, "");
}
