package dev.modelgate.decision;

import dev.modelgate.decision.Conditions.Truth;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one caller may do on one resource: every action at once, for a period. The value that is
 * cached; what turns on the request is in it as conditions, which are evaluated each time (hazard
 * 7).
 *
 * @param blanket the reason for which every action is denied; empty when none is
 * @param granted the permissions that the caller has without any condition; 0 with a blanket reason
 * @param bounds what stands between these and what is allowed
 * @param fromMicros from when this holds, inclusive: the latest boundary behind
 * @param untilMicros until when this holds, exclusive: the nearest boundary ahead over all grants
 *     examined, live or pending (hazard 6)
 */
public record Access(
    String blanket, long granted, Bounds bounds, long fromMicros, long untilMicros) {
  private static final long ALWAYS = Long.MIN_VALUE;
  private static final long NEVER = Long.MAX_VALUE;
  private static final Outcome ALLOWED = Outcome.denied(Reason.NONE);

  /** Refuses an access that allows in spite of a blanket reason. */
  public Access {
    if (!blanket.isEmpty() && granted != 0) {
      throw new IllegalStateException("an access denied for " + blanket + " allows " + granted);
    }
  }

  /**
   * The answer about one action.
   *
   * @param reason why it is denied; {@link Reason#NONE} when it is allowed or conditional
   * @param missing the attributes of the request on which it turns; empty when it is decided. The
   *     empty text stands for attributes that cannot be named
   * @param usesTime whether it may be another at any later time
   */
  public record Outcome(String reason, Set<String> missing, boolean usesTime) {
    /** Copies the set. */
    public Outcome {
      missing = Set.copyOf(missing);
    }

    static Outcome denied(String reason) {
      return new Outcome(reason, Set.of(), false);
    }

    /** Whether the action may be done. */
    public boolean allowed() {
      return reason.isEmpty() && missing.isEmpty();
    }
  }

  /** Every action is denied for that reason, until something changes. */
  public static Access denied(String reason) {
    return new Access(reason, 0, Bounds.NONE, ALWAYS, NEVER);
  }

  /**
   * Decides about an action that needs these permissions, all of them.
   *
   * @param needed at least one permission
   */
  public Outcome outcome(long needed, Conditions conditions) {
    if (bounds.conditionals().isEmpty()) {
      String reason = reasonAgainst(needed, granted, bounds.denied());
      return reason.isEmpty() ? ALLOWED : Outcome.denied(reason);
    }
    return conditionalOutcome(needed, conditions);
  }

  /**
   * The permissions that are allowed whatever the request: no condition counts in favour, every one
   * counts against.
   */
  public long allowed() {
    long held = beforeGates();
    long mask = held;
    for (Bounds.Gate gate : bounds.gates()) {
      if ((held & gate.unless()) == 0) {
        mask &= ~gate.mask();
      }
    }
    return mask;
  }

  /** The same with every gate open: what is held, though the state forbids it now (hazard 29). */
  public long beforeGates() {
    long mask = granted & ~bounds.denied() & bounds.privileges() & bounds.ceiling();
    for (Bounds.Conditional conditional : bounds.conditionals()) {
      if (conditional.denies()) {
        mask &= ~conditional.mask();
      }
    }
    return mask;
  }

  /** Whether this holds at any time: no boundary lies behind or ahead. */
  public boolean holdsAlways() {
    return fromMicros == ALWAYS && untilMicros == NEVER;
  }

  /** Whether this still holds, or holds again, at that time. */
  public boolean holdsAt(long nowMicros) {
    return fromMicros <= nowMicros && nowMicros < untilMicros;
  }

  private Outcome conditionalOutcome(long needed, Conditions conditions) {
    long given = granted;
    long perhapsGiven = granted;
    long denied = bounds.denied();
    long perhapsDenied = bounds.denied();
    boolean usesTime = false;
    Set<String> missing = new TreeSet<>();
    for (Bounds.Conditional conditional : bounds.conditionals()) {
      Conditions.Result result = conditions.evaluate(conditional.condition());
      usesTime |= result.usesTime();
      boolean holds =
          result.truth() == Truth.TRUE || conditional.denies() && result.truth() == Truth.ERROR;
      boolean perhaps = holds || result.truth() == Truth.MISSING;
      if (conditional.denies()) {
        denied |= holds ? conditional.mask() : 0;
        perhapsDenied |= perhaps ? conditional.mask() : 0;
      } else {
        given |= holds ? conditional.mask() : 0;
        perhapsGiven |= perhaps ? conditional.mask() : 0;
      }
      if (result.truth() == Truth.MISSING && bears(conditional, needed)) {
        missing.addAll(result.missing().isEmpty() ? Set.of("") : result.missing());
      }
    }
    String worst = reasonAgainst(needed, given, perhapsDenied);
    String best = reasonAgainst(needed, perhapsGiven, denied);
    if (worst.isEmpty()) {
      return new Outcome(Reason.NONE, Set.of(), usesTime);
    }
    if (best.isEmpty()) {
      return new Outcome(Reason.NONE, missing, usesTime);
    }
    return new Outcome(reasonAgainst(needed, given, denied), Set.of(), usesTime);
  }

  /** Whether the answer about an action can turn on something: by itself, or through a gate. */
  private boolean bears(Bounds.Conditional conditional, long needed) {
    boolean bears = (conditional.mask() & needed) != 0;
    for (Bounds.Gate gate : bounds.gates()) {
      bears |= (gate.mask() & needed) != 0 && (conditional.mask() & gate.unless()) != 0;
    }
    return bears;
  }

  private String reasonAgainst(long needed, long given, long denied) {
    if (!blanket.isEmpty()) {
      return blanket;
    }
    if ((needed & denied) != 0) {
      return Reason.DENY_RULE;
    }
    if ((needed & ~bounds.privileges()) != 0) {
      return Reason.PRIVILEGE;
    }
    if ((needed & ~bounds.ceiling()) != 0) {
      return Reason.CEILING;
    }
    if (needed == 0 || (needed & ~given) != 0) {
      return given == 0 ? Reason.NO_GRANT : Reason.ACCESS;
    }
    long held = given & ~denied & bounds.privileges() & bounds.ceiling();
    for (Bounds.Gate gate : bounds.gates()) {
      if ((needed & gate.mask()) != 0 && (held & gate.unless()) == 0) {
        return gate.reason();
      }
    }
    return Reason.NONE;
  }
}
