package dev.modelgate.app.check;

import java.util.Map;
import java.util.function.Supplier;

/**
 * What a check brings along beside the question itself, and what no cached answer holds.
 *
 * @param context the attributes for conditions; asked for only when there is a condition
 * @param linkSecret the secret of the external link that the principal is; empty for everybody else
 * @param claims the groups that the caller's token claims
 */
public record Request(Supplier<Map<String, Object>> context, String linkSecret, Claims claims) {
  /** Nothing. */
  public static final Request EMPTY = new Request(Map::of, "");

  /** One without claims. */
  public Request(Supplier<Map<String, Object>> context, String linkSecret) {
    this(context, linkSecret, Claims.NONE);
  }

  /** The same with what a token claims. */
  public Request with(Claims claimed) {
    return claimed.groups().isEmpty() ? this : new Request(context, linkSecret, claimed);
  }

  /** The same at that time: what a token claims ends with it. */
  Request at(long nowMicros) {
    boolean ended = !claims.groups().isEmpty() && claims.untilMicros() <= nowMicros;
    return ended ? new Request(context, linkSecret, Claims.NONE) : this;
  }

  /** Says nothing: a secret must not get into a log. */
  @Override
  public String toString() {
    return "request";
  }
}
