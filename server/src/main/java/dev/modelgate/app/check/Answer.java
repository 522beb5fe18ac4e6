package dev.modelgate.app.check;

import dev.modelgate.store.Micros;
import java.util.Set;

/**
 * The answer to one check.
 *
 * @param reason why not; empty when it is allowed or conditional
 * @param deniedLink which link of {@code acting_through} was denied; empty when it was the
 *     principal itself, or none
 * @param missing the attributes of the request on which it turns; empty when it is decided
 * @param revision the token of the moment at which this holds
 * @param validUntilMicros the earliest time at which a recomputation could differ; {@link
 *     Micros#NEVER} when no boundary is known
 */
public record Answer(
    String reason, String deniedLink, Set<String> missing, String revision, long validUntilMicros) {
  /** Copies the set. */
  public Answer {
    missing = Set.copyOf(missing);
  }

  /** Everything is denied for that reason, until something changes. */
  static Answer denied(String reason, String revision) {
    return new Answer(reason, "", Set.of(), revision, Micros.NEVER);
  }

  /** Whether every link of the chain may do it. */
  public boolean allowed() {
    return reason.isEmpty() && missing.isEmpty();
  }
}
