package dev.modelgate.app.check;

import java.util.Map;
import java.util.function.Supplier;

/**
 * What a check brings along beside the question itself, and what no cached answer holds.
 *
 * @param context the attributes for conditions; asked for only when there is a condition
 * @param linkSecret the secret of the external link that the principal is; empty for everybody else
 */
public record Request(Supplier<Map<String, Object>> context, String linkSecret) {
  /** Nothing. */
  public static final Request EMPTY = new Request(Map::of, "");

  /** Says nothing: a secret must not get into a log. */
  @Override
  public String toString() {
    return "request";
  }
}
