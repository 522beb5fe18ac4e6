package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import java.util.Map;

/**
 * What a resource must keep once it has it: an owner, and for some kinds somebody who may share.
 * Only untimed, unconditional grants of principals that are not deleted count (hazard 24); whether
 * they are disabled does not matter.
 */
final class Floors {
  private final Draft draft;
  private final ResourceName name;
  private final Kind kind;
  private final Uid resource;
  private final boolean hadOwner;
  private final boolean hadSharer;

  private Floors(Draft draft, ResourceName name, Kind kind, Uid resource, boolean counts) {
    this.draft = draft;
    this.name = name;
    this.kind = kind;
    this.resource = resource;
    boolean keepsOwner =
        counts
            && kind.sharing().keepsOwner()
            && draft.profile().switches().owners() != Switches.Owners.ANY;
    this.hadOwner = keepsOwner && hasOwner();
    this.hadSharer = counts && kind.sharing().keepsSharer() && hasSharer();
  }

  /**
   * Notes what there is before a command changes the resource's grants.
   *
   * @param counts whether the command concerns anybody that a floor may count: owners, and grants
   *     with can_share
   */
  static Floors before(Draft draft, ResourceName name, Kind kind, Uid resource, boolean counts) {
    return new Floors(draft, name, kind, resource, counts);
  }

  /** Refuses a state without what there was: LAST_OWNER, LAST_SHARER. */
  void requireAfter() {
    if (hadOwner && !hasOwner()) {
      throw refusal(Fault.LAST_OWNER, "an owner").asException();
    }
    if (hadSharer && !hasSharer()) {
      throw refusal(Fault.LAST_SHARER, "somebody who may share it").asException();
    }
  }

  private boolean hasOwner() {
    return any(grant -> Grants.isOwner(draft.profile(), grant));
  }

  private boolean hasSharer() {
    return any(grant -> grant.canShare() && writesGrants(grant));
  }

  private boolean writesGrants(Grant grant) {
    long needed = kind.right(Operation.SHARE);
    long mask =
        grant.role() == Grant.RAW
            ? grant.mask()
            : draft.profile().role(grant.role()).map(role -> role.maskOn(kind)).orElse(0L);
    return needed != 0 && (mask & needed) == needed;
  }

  private boolean any(java.util.function.Predicate<Grant> wanted) {
    boolean[] found = {false};
    draft
        .rows()
        .eachGrantOf(
            resource,
            row -> {
              found[0] =
                  isLiving(row)
                      && row.grants().stream().anyMatch(g -> g.isUnconditional() && wanted.test(g));
              return !found[0];
            });
    return found[0];
  }

  private boolean isLiving(GrantRow row) {
    return row.principal().value() < Uid.of(1, 0, false).value()
        || draft
            .rows()
            .principalName(row.principal())
            .filter(name -> !name.isDeleted())
            .isPresent();
  }

  private Refusal refusal(Fault fault, String what) {
    return new Refusal(
        fault,
        "`" + name + "` must keep " + what + " with a grant without an end",
        "",
        Map.of("resource", name.toString(), "kind", kind.name()));
  }
}
