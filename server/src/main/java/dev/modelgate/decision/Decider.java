package dev.modelgate.decision;

import dev.modelgate.model.profile.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The decision: facts and one reading of the clock to what the caller may do. Steps 0 to 8 of the
 * model.
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
    long granted = facts.layer().on(kind).allowed();
    long from = Long.MIN_VALUE;
    long until = Long.MAX_VALUE;
    List<Bounds.Conditional> conditionals = List.of();
    for (HeldGrant grant : facts.grants()) {
      if (!reaches(facts, grant.level())) {
        continue;
      }
      if (grant.isLiveAt(nowMicros)) {
        long mask = grant.maskOn(kind);
        if (grant.condition().isEmpty()) {
          granted |= mask;
        } else {
          conditionals = with(conditionals, false, mask, grant.condition());
        }
      }
      from = Math.max(from, boundaryBehind(grant, nowMicros));
      until = Math.min(until, boundaryAhead(grant, nowMicros));
    }
    return new Access(
        Reason.NONE, granted, bounds(facts, kind, conditionals, nowMicros), from, until);
  }

  /**
   * What the caller may give away on resources of that kind at or below the resource of the facts:
   * the union of the contributions that carry can_share themselves, after deny rules, privileges
   * and ceilings, before gates (hazard 29). The condition of a deny rule counts against him.
   *
   * @param counts which grants count: at least live ones, and of those under a condition none but
   *     for what is given under the same one (hazard 24)
   */
  public static long shareable(Facts facts, Kind kind, Predicate<HeldGrant> counts) {
    if (facts.suspended() || !facts.resourceKnown() || facts.caller() != Facts.Caller.ACTIVE) {
      return 0;
    }
    TypeLayer.Masks masks = facts.layer().on(kind);
    long mask = masks.shareable();
    for (HeldGrant grant : facts.grants()) {
      if (counts.test(grant) && grant.mayShareOn(kind) && reaches(facts, grant.level())) {
        mask |= grant.maskOn(kind);
      }
    }
    return masks.bound(mask) & ~facts.layer().deniedAtMost(kind);
  }

  /**
   * What the caller has on resources of that kind at or below the resource of the facts, whether he
   * may share it or not; bounded as {@link #shareable} is.
   *
   * @param counts which grants count
   */
  public static long held(Facts facts, Kind kind, Predicate<HeldGrant> counts) {
    if (facts.suspended() || !facts.resourceKnown() || facts.caller() != Facts.Caller.ACTIVE) {
      return 0;
    }
    TypeLayer.Masks masks = facts.layer().on(kind);
    long mask = masks.allowed();
    for (HeldGrant grant : facts.grants()) {
      if (counts.test(grant) && reaches(facts, grant.level())) {
        mask |= grant.maskOn(kind);
      }
    }
    return masks.bound(mask) & ~facts.layer().deniedAtMost(kind);
  }

  /**
   * The highest rank of a role that the caller may give away on a resource of that kind: of those
   * that count, carry can_share themselves, and of which no deny rule, privilege or ceiling takes
   * anything (hazard 29), on no kind that can be there (hazard 16); {@link Integer#MIN_VALUE} when
   * there is none.
   *
   * @param within the kinds at and below the resource
   */
  public static int shareableRank(
      Facts facts, Kind kind, List<Kind> within, Predicate<HeldGrant> counts) {
    int rank = Integer.MIN_VALUE;
    if (facts.suspended() || !facts.resourceKnown() || facts.caller() != Facts.Caller.ACTIVE) {
      return rank;
    }
    for (HeldGrant grant : facts.grants()) {
      if (grant.role().isPresent()
          && isWhole(facts, grant, within)
          && counts.test(grant)
          && grant.mayShareOn(kind)
          && reaches(facts, grant.level())) {
        rank = Math.max(rank, grant.role().get().rank());
      }
    }
    return rank;
  }

  /**
   * Whether no deny rule, privilege or ceiling of the caller takes anything of a grant, on none of
   * these kinds.
   */
  public static boolean isWhole(Facts facts, HeldGrant grant, List<Kind> within) {
    for (Kind kind : within) {
      long mask = grant.maskOn(kind);
      if ((facts.layer().on(kind).bound(mask) & ~facts.layer().deniedAtMost(kind)) != mask) {
        return false;
      }
    }
    return true;
  }

  /** Whether the caller owns the resource at that level; ownership is not inherited. */
  private static boolean owns(Facts facts, int level, long nowMicros) {
    for (HeldGrant grant : facts.grants()) {
      if (grant.level() == level && grant.isOwner() && grant.isLiveAt(nowMicros)) {
        return true;
      }
    }
    return false;
  }

  private static Bounds bounds(
      Facts facts, Kind kind, List<Bounds.Conditional> granted, long nowMicros) {
    TypeLayer layer = facts.layer();
    if (layer.equals(TypeLayer.NONE) && granted.isEmpty()) {
      return Bounds.NONE;
    }
    long denied = 0;
    List<Bounds.Conditional> conditionals = granted;
    for (TypeLayer.Denial denial : layer.denials()) {
      if (denial.condition().isEmpty()) {
        denied |= denial.mask();
      } else {
        conditionals = with(conditionals, true, denial.mask(), denial.condition());
      }
    }
    List<Bounds.Gate> gates = new ArrayList<>();
    for (TypeLayer.ClosedGate gate : layer.gates()) {
      if (!gate.exemptsOwner() || !owns(facts, gate.level(), nowMicros)) {
        gates.add(new Bounds.Gate(gate.reason(), gate.mask(), gate.unless()));
      }
    }
    TypeLayer.Masks masks = layer.on(kind);
    return new Bounds(denied, masks.privileges(), masks.ceiling(), gates, conditionals).shared();
  }

  /**
   * Adds to a list that this method made, or to the empty one. What has the same condition is one,
   * so that each is evaluated once.
   */
  private static List<Bounds.Conditional> with(
      List<Bounds.Conditional> old, boolean denies, long mask, String condition) {
    if (mask == 0) {
      return old;
    }
    List<Bounds.Conditional> all = old.isEmpty() ? new ArrayList<>() : old;
    for (int i = 0; i < all.size(); i++) {
      Bounds.Conditional one = all.get(i);
      if (one.denies() == denies && one.condition().equals(condition)) {
        all.set(i, new Bounds.Conditional(denies, one.mask() | mask, condition));
        return all;
      }
    }
    all.add(new Bounds.Conditional(denies, mask, condition));
    return all;
  }

  /** Whether a grant at that level reaches the resource: every kind below it inherits. */
  public static boolean reaches(Facts facts, int level) {
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
