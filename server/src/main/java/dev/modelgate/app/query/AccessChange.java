package dev.modelgate.app.query;

import java.util.List;

/**
 * How a mutation would change what one principal may do on one resource.
 *
 * @param principal its name
 * @param resource its full name
 * @param periods in the order of time, at least one; what lies between them does not change
 */
public record AccessChange(String principal, String resource, List<Period> periods) {
  /** Copies the list. */
  public AccessChange {
    periods = List.copyOf(periods);
  }

  /**
   * A time throughout which the change is the same.
   *
   * @param fromMicros from when, inclusive; 0 for at once
   * @param untilMicros until when, exclusive; {@link dev.modelgate.store.Micros#NEVER} for good, as
   *     far as is known
   */
  public record Period(long fromMicros, long untilMicros, Difference difference) {}

  /**
   * What changes.
   *
   * @param gained the actions that are denied now and would be allowed, sorted
   * @param lost the actions that are allowed now and would be denied, sorted
   * @param conditional the other actions that change: they turn on the request before, after or
   *     both
   */
  public record Difference(List<String> gained, List<String> lost, List<Conditional> conditional) {
    /** Nothing. */
    public static final Difference NONE = new Difference(List.of(), List.of(), List.of());

    /** Copies the lists. */
    public Difference {
      gained = List.copyOf(gained);
      lost = List.copyOf(lost);
      conditional = List.copyOf(conditional);
    }

    /** Whether nothing changes. */
    public boolean isNone() {
      return gained.isEmpty() && lost.isEmpty() && conditional.isEmpty();
    }
  }

  /** An action that turns on the request. */
  public record Conditional(String action, Answer before, Answer after) {}

  /** What a check answers. */
  public enum Decision {
    ALLOW,
    DENY,
    CONDITIONAL
  }

  /**
   * What a check answers, with the attributes that it lacks.
   *
   * @param missing sorted; empty unless it is CONDITIONAL, and for what cannot be named
   */
  public record Answer(Decision decision, List<String> missing) {
    static final Answer ALLOW = new Answer(Decision.ALLOW, List.of());
    static final Answer DENY = new Answer(Decision.DENY, List.of());

    /** Copies the list. */
    public Answer {
      missing = List.copyOf(missing);
    }
  }
}
