package dev.modelgate.decision;

import dev.modelgate.model.profile.Kind;

/**
 * The decision: facts and one reading of the clock to what the caller may do. Steps 0 to 8 of the
 * model; those that need deny rules, privileges, ceilings and gates have nothing to look at yet.
 */
public final class Decider {
  private Decider() {}

  /** Decides every action at once. */
  public static Access decide(Facts facts, long nowMicros) {
    if (facts.suspended()) {
      return Access.denied(Reason.SUSPENDED);
    }
    if (!facts.resourceKnown()) {
      return Access.denied(Reason.UNKNOWN_RESOURCE);
    }
    if (facts.caller() != Facts.Caller.ACTIVE) {
      boolean unknown = facts.caller() == Facts.Caller.UNKNOWN;
      return Access.denied(unknown ? Reason.PRINCIPAL_UNKNOWN : Reason.PRINCIPAL_INACTIVE);
    }
    Kind kind = facts.kinds().get(facts.kinds().size() - 1);
    long allowed = 0;
    boolean any = false;
    long from = Long.MIN_VALUE;
    long until = Long.MAX_VALUE;
    for (HeldGrant grant : facts.grants()) {
      if (!reaches(facts, grant.level())) {
        continue;
      }
      long mask = grant.maskOn(kind);
      if (grant.isLiveAt(nowMicros)) {
        allowed |= mask;
        any |= mask != 0;
      }
      from = Math.max(from, boundaryBehind(grant, nowMicros));
      until = Math.min(until, boundaryAhead(grant, nowMicros));
    }
    return new Access("", allowed, any, from, until);
  }

  /**
   * What the caller may give away on resources of that kind at or below the resource of the facts:
   * the union of the live contributions that carry can_share themselves (hazard 29).
   */
  public static long shareable(Facts facts, Kind kind, long nowMicros) {
    if (facts.suspended() || !facts.resourceKnown() || facts.caller() != Facts.Caller.ACTIVE) {
      return 0;
    }
    long mask = 0;
    for (HeldGrant grant : facts.grants()) {
      if (grant.isLiveAt(nowMicros) && grant.mayShareOn(kind) && reaches(facts, grant.level())) {
        mask |= grant.maskOn(kind);
      }
    }
    return mask;
  }

  /** Whether a grant at that level reaches the resource: every kind below it inherits. */
  private static boolean reaches(Facts facts, int level) {
    for (int below = level + 1; below < facts.kinds().size(); below++) {
      if (!facts.kinds().get(below).inherits()) {
        return false;
      }
    }
    return true;
  }

  private static long boundaryBehind(HeldGrant grant, long nowMicros) {
    if (grant.expiresAtMicros() <= nowMicros) {
      return grant.expiresAtMicros();
    }
    return grant.notBeforeMicros() <= nowMicros && grant.notBeforeMicros() > 0
        ? grant.notBeforeMicros()
        : Long.MIN_VALUE;
  }

  private static long boundaryAhead(HeldGrant grant, long nowMicros) {
    if (nowMicros < grant.notBeforeMicros()) {
      return grant.notBeforeMicros();
    }
    return nowMicros < grant.expiresAtMicros() ? grant.expiresAtMicros() : Long.MAX_VALUE;
  }
}
