package dev.modelgate.app.check;

import dev.modelgate.decision.Access;
import dev.modelgate.decision.Reason;
import dev.modelgate.store.Micros;
import java.util.Set;
import java.util.TreeSet;

/**
 * The answers about the links of a chain as one: allowed if every link is, denied for the first
 * that is denied, else conditional.
 */
final class ChainAnswer {
  private String reason = Reason.NONE;
  private String deniedLink = "";
  private Set<String> missing = Set.of();
  private long untilMicros = Micros.NEVER;

  /**
   * Adds a link, in the order of the chain.
   *
   * @param link its name in the request; empty for the principal itself
   */
  void add(String link, Access access, Access.Outcome outcome, Moment now) {
    untilMicros = Math.min(untilMicros, outcome.usesTime() ? now.micros() : access.untilMicros());
    if (reason.isEmpty() && !outcome.reason().isEmpty()) {
      reason = outcome.reason();
      deniedLink = link;
    }
    if (!outcome.missing().isEmpty()) {
      missing = new TreeSet<>(missing);
      missing.addAll(outcome.missing());
    }
  }

  /** Adds a link that is denied whatever the request. */
  void deny(String link, String why, long until) {
    until(until);
    if (reason.isEmpty()) {
      reason = why;
      deniedLink = link;
    }
  }

  /** No answer holds longer than that. */
  void until(long micros) {
    untilMicros = Math.min(untilMicros, micros);
  }

  /** All of them together. */
  Answer at(String revision) {
    Set<String> open = reason.isEmpty() ? missing : Set.of();
    return new Answer(reason, deniedLink, open, revision, untilMicros);
  }
}
