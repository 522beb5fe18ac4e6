package dev.modelgate.app.query;

import dev.modelgate.decision.Access;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.decision.HeldGrant;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.Micros;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What is known of one principal and one resource on one side of a comparison, at every time.
 *
 * @param reason why everything is denied, whatever the facts; empty when they decide
 * @param known empty exactly when there is such a reason
 */
record Sight(String reason, Optional<Known> known) {
  /** The facts, and by which profile they are decided. */
  record Known(Profile profile, Kind kind, Facts facts) {
    private boolean decidesAs(Known other) {
      return profile == other.profile
          && kind.equals(other.kind)
          && facts.caller() == other.facts.caller()
          && facts.suspended() == other.facts.suspended()
          && facts.resourceKnown() == other.facts.resourceKnown()
          && facts.layer().equals(other.facts.layer())
          && facts.grants().equals(other.facts.grants());
    }
  }

  /** Everything is denied for that reason. */
  static Sight blanket(String reason) {
    return new Sight(reason, Optional.empty());
  }

  /** Whether the two come to the same answers at every time; false may be said of such, too. */
  boolean decidesAs(Sight other) {
    return known.isPresent() && other.known.isPresent()
        ? known.get().decidesAs(other.known.get())
        : known.isEmpty() && other.known.isEmpty();
  }

  /** What may be done at that time. */
  Access accessAt(long micros) {
    return known.isPresent() ? Decider.decide(known.get().facts(), micros) : Access.denied(reason);
  }

  /** What an action needs; 0 for one that the profile does not know, which is denied. */
  long needed(String action) {
    return known
        .flatMap(it -> it.profile().action(action).map(verb -> verb.on(it.kind())))
        .orElse(0L);
  }

  /** Every time ahead at which a grant that was looked at begins or ends. */
  NavigableSet<Long> boundariesAhead(long nowMicros) {
    NavigableSet<Long> ahead = new TreeSet<>();
    if (known.isPresent()) {
      for (HeldGrant grant : known.get().facts().grants()) {
        if (grant.notBeforeMicros() > nowMicros) {
          ahead.add(grant.notBeforeMicros());
        }
        if (grant.expiresAtMicros() > nowMicros && grant.expiresAtMicros() != Micros.NEVER) {
          ahead.add(grant.expiresAtMicros());
        }
      }
    }
    return ahead;
  }
}
