package dev.modelgate.app.sharing;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.decision.HeldGrant;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.TypeRightRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How far a requester may share: he gives no more than he may share on (hazard 29), for every kind
 * that can live at or below the resource (hazard 16), for no longer and under no fewer conditions
 * than he holds it (hazard 24), and takes nothing from somebody above him.
 */
final class Cap {
  private final Draft draft;
  private final Rights rights;

  Cap(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /** Whether a grant, which may have ended, does not exceed the requester. */
  boolean mayGive(ResourceName resource, Kind kind, Grant grant) {
    try {
      requireMayGive(resource, kind, grant);
      return true;
    } catch (RefusedException e) {
      return false;
    }
  }

  /**
   * Refuses a grant that exceeds the requester: NO_SHARE_RIGHT when he may share nothing, else
   * CAP_EXCEEDED.
   */
  void requireMayGive(ResourceName resource, Kind kind, Grant grant) {
    if (isFree()) {
      requireLasting(resource, kind, Operation.SHARE, grant);
      return;
    }
    Facts facts = rights.factsToShare(resource);
    HeldGrant given = Gathering.held(draft.profile(), resource.depth() - 1, grant);
    if (isWithinRank(facts, kind, given, held -> outlasts(held, grant))) {
      return;
    }
    long shareable = 0;
    for (Kind within : draft.profile().kindsWithin(kind)) {
      long held = mayShare(facts, within, grant);
      shareable |= held;
      long excess = given.maskOn(within) & ~held;
      if (excess != 0) {
        long ever = Decider.shareable(facts, kind, one -> one.isLiveAt(draft.atMicros()));
        throw excess(resource, grant, within, excess, ever).asException();
      }
    }
    if (shareable == 0) {
      throw noShareRight(resource).asException();
    }
  }

  /** Where the profile does not cap, what is given still ends with the right to give it. */
  private void requireLasting(ResourceName resource, Kind kind, Operation operation, Grant grant) {
    boolean lasts =
        rights.isLastingAdministrator()
            || rights.holdsUntil(resource, operation, grant.expiresAtMicros());
    if (!lasts) {
      String what = Grants.name(draft.profile(), grant);
      throw exceeded(resource, what, kind, kind.right(operation)).asException();
    }
  }

  /** Refuses to lower or remove what gives more than the requester may share himself. */
  void requireMayTake(ResourceName resource, Kind kind, PrincipalName from, Grant grant) {
    if (isFree() || draft.profile().switches().aboveYou() == Switches.AboveYou.ALLOWED) {
      return;
    }
    Facts facts = rights.factsToShare(resource);
    HeldGrant taken = Gathering.held(draft.profile(), resource.depth() - 1, grant);
    Predicate<HeldGrant> counts =
        held -> held.isLiveAt(draft.atMicros()) && coversRequestsOf(grant, held);
    if (isWithinRank(facts, kind, taken, counts)) {
      return;
    }
    for (Kind within : draft.profile().kindsWithin(kind)) {
      long shareable = Decider.shareable(facts, within, counts);
      long above = taken.maskOn(within) & ~shareable;
      if (above != 0) {
        throw new Refusal(
                Fault.ABOVE_YOU,
                "`"
                    + from
                    + "` has `"
                    + Grants.name(draft.profile(), grant)
                    + "`, which you may not share yourself",
                "changes",
                Map.of(
                    "principal", from.toString(),
                    "grant", Grants.name(draft.profile(), grant),
                    "resource", resource.toString()))
            .asException();
      }
    }
  }

  /**
   * Refuses to hand over what the requester does not have himself: CAP_EXCEEDED. To hand over is
   * not to share, and takes no right to share on; an administrator, not one for a time, may hand
   * over anything.
   */
  void requireMayHandOver(ResourceName resource, Kind kind, Grant grant) {
    if (isFree() || rights.isLastingAdministrator()) {
      requireLasting(resource, kind, Operation.TRANSFER, grant);
      return;
    }
    Facts facts = rights.factsToShare(resource);
    HeldGrant given = Gathering.held(draft.profile(), resource.depth() - 1, grant);
    for (Kind within : draft.profile().kindsWithin(kind)) {
      long excess =
          given.maskOn(within) & ~Decider.held(facts, within, held -> outlasts(held, grant));
      if (excess != 0) {
        throw exceeded(resource, Grants.name(draft.profile(), grant), within, excess).asException();
      }
    }
  }

  /**
   * Refuses to move a resource into another unit, where the type rights of others reach it, beyond
   * what the requester has himself: CAP_EXCEEDED. An administrator may; where the profile does not
   * cap, whoever may hand over without an end.
   */
  void requireMayMove(ResourceName resource, Kind kind) {
    boolean gives = isFree() && rights.holdsUntil(resource, Operation.TRANSFER, Micros.NEVER);
    if (gives || rights.isLastingAdministrator()) {
      return;
    }
    Facts facts = rights.factsToShare(resource);
    for (Kind within : draft.profile().kindsWithin(kind)) {
      long[] given = {0};
      draft
          .rows()
          .eachTypeRight(
              Optional.empty(),
              row -> {
                if (row.kind().equals(within.name())) {
                  row.rights()
                      .forEach(right -> given[0] |= reachesByUnit(right) ? right.mask() : 0);
                }
                return true;
              });
      long excess = given[0] & within.permissions() & ~Decider.held(facts, within, this::isLasting);
      if (excess != 0) {
        throw exceeded(resource, "the unit", within, excess).asException();
      }
    }
  }

  private static boolean reachesByUnit(TypeRightRow.Right right) {
    return right.has(Effect.ALLOWS)
        && (right.depth() == Depth.UNIT || right.depth() == Depth.SUBTREE);
  }

  /** Whether a grant holds now, for ever and for every request. */
  boolean isLasting(HeldGrant grant) {
    return grant.isLiveAt(draft.atMicros())
        && grant.expiresAtMicros() == Micros.NEVER
        && grant.condition().isEmpty();
  }

  /**
   * Whether the profile caps by rank, and a role is none above the highest that the requester may
   * share on; data permissions only from what gives them.
   */
  private boolean isWithinRank(
      Facts facts, Kind kind, HeldGrant grant, Predicate<HeldGrant> counts) {
    if (draft.profile().switches().cap() != Switches.Cap.RANK || grant.role().isEmpty()) {
      return false;
    }
    // What bounds him bounds what he gives: a lower role may have what no higher one has.
    List<Kind> within = draft.profile().kindsWithin(kind);
    if (!Decider.isWhole(facts, grant, within)) {
      return false;
    }
    boolean usesData = grant.canUseData() || grant.isOwner();
    int rank =
        Decider.shareableRank(
            facts,
            kind,
            within,
            held -> counts.test(held) && (!usesData || held.canUseData() || held.isOwner()));
    return grant.role().get().rank() <= rank;
  }

  private boolean isFree() {
    return rights.isSystemAdministrator() || draft.profile().switches().cap() == Switches.Cap.NONE;
  }

  /**
   * The union of the requester's contributions that he may share on and that hold for the whole
   * period.
   */
  private long mayShare(Facts facts, Kind kind, Grant grant) {
    return Decider.shareable(facts, kind, held -> outlasts(held, grant));
  }

  /** Whether what is held lasts at least as long as what is given, and is no more conditional. */
  private boolean outlasts(HeldGrant held, Grant given) {
    long begin = Math.max(given.notBeforeMicros(), draft.atMicros());
    return held.notBeforeMicros() <= begin
        && held.expiresAtMicros() >= given.expiresAtMicros()
        && held.isLiveAt(draft.atMicros())
        && coversRequestsOf(given, held);
  }

  /**
   * Whether what is held counts for every request for which a grant counts. The same condition
   * does, unless it looks at who asks: then it may be true for the recipient alone.
   */
  private static boolean coversRequestsOf(Grant grant, HeldGrant held) {
    return held.condition().isEmpty()
        || held.condition().equals(grant.condition())
            && !ConditionLanguage.mayNamePrincipal(held.condition());
  }

  private Refusal excess(
      ResourceName resource, Grant grant, Kind kind, long excess, long shareable) {
    return shareable == 0
        ? noShareRight(resource)
        : exceeded(resource, Grants.name(draft.profile(), grant), kind, excess);
  }

  private Refusal exceeded(ResourceName resource, String what, Kind kind, long excess) {
    String permissions = String.join(",", draft.profile().permissionNames(excess));
    return new Refusal(
        Fault.CAP_EXCEEDED,
        "`"
            + what
            + "` gives `"
            + permissions
            + "` on a "
            + kind.name()
            + ", which you may not give, not for so long, or not without a condition",
        "changes",
        Map.of(
            "grant",
            what,
            "permissions",
            permissions,
            "kind",
            kind.name(),
            "resource",
            resource.toString()));
  }

  private Refusal noShareRight(ResourceName resource) {
    return new Refusal(
        Fault.NO_SHARE_RIGHT,
        "nothing that you hold on `" + resource + "` may be shared on",
        "",
        Map.of("actor", rights.actorText(), "resource", resource.toString()));
  }
}
