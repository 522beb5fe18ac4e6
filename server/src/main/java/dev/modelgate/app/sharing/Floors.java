package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.PrincipalRow;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a resource must keep once it has it: an owner, and for some kinds somebody who may share.
 * Only untimed, unconditional grants of principals that are not deleted count (hazard 24). Those of
 * disabled ones hold a floor only where there was nobody else: nobody is left alone with an owner
 * who cannot act, and a disabling, which no floor refuses, does not open the way to no owner at
 * all.
 */
final class Floors {
  private final Draft draft;
  private final ResourceName name;
  private final Kind kind;
  private final Uid resource;
  private final Standing owner;
  private final Standing sharer;

  /** Who there is, from nobody up. */
  private enum Standing {
    NOBODY,
    DISABLED,
    ACTIVE
  }

  private Floors(Draft draft, ResourceName name, Kind kind, Uid resource, boolean counts) {
    this.draft = draft;
    this.name = name;
    this.kind = kind;
    this.resource = resource;
    boolean keepsOwner =
        counts
            && kind.sharing().keepsOwner()
            && draft.profile().switches().owners() != Switches.Owners.ANY;
    this.owner = keepsOwner ? owner() : Standing.NOBODY;
    this.sharer = counts && kind.sharing().keepsSharer() ? sharer() : Standing.NOBODY;
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
    if (owner != Standing.NOBODY && owner().compareTo(owner) < 0) {
      throw refusal(Fault.LAST_OWNER, owner, "owner").asException();
    }
    if (sharer != Standing.NOBODY && sharer().compareTo(sharer) < 0) {
      throw refusal(Fault.LAST_SHARER, sharer, "principal who may share it").asException();
    }
  }

  private Standing owner() {
    return best(grant -> Grants.isOwner(draft.profile(), grant));
  }

  private Standing sharer() {
    return best(grant -> grant.canShare() && writesGrants(grant));
  }

  private boolean writesGrants(Grant grant) {
    long needed = kind.right(Operation.SHARE);
    long mask =
        grant.role() == Grant.RAW
            ? grant.mask()
            : draft.profile().role(grant.role()).map(role -> role.maskOn(kind)).orElse(0L);
    return needed != 0 && (mask & needed) == needed;
  }

  private Standing best(Predicate<Grant> wanted) {
    Standing[] best = {Standing.NOBODY};
    draft
        .rows()
        .eachGrantOf(
            resource,
            row -> {
              if (row.grants().stream().anyMatch(g -> g.isUnconditional() && wanted.test(g))) {
                Standing standing = standing(row.principal());
                best[0] = standing.compareTo(best[0]) > 0 ? standing : best[0];
              }
              return best[0] != Standing.ACTIVE;
            });
    return best[0];
  }

  /** Sets without a record, such as the whole organization, can always act. */
  private Standing standing(Uid principal) {
    Optional<PrincipalName> living = draft.nameOf(principal);
    if (living.isEmpty()) {
      return Standing.NOBODY;
    }
    return draft
            .rows()
            .principal(living.get())
            .filter(row -> row.state() != PrincipalRow.State.ACTIVE)
            .isPresent()
        ? Standing.DISABLED
        : Standing.ACTIVE;
  }

  private Refusal refusal(Fault fault, Standing was, String what) {
    String kept = (was == Standing.ACTIVE ? "an active " : "a ") + what;
    return new Refusal(
        fault,
        "`" + name + "` must keep " + kept + " with a grant without an end",
        "",
        Map.of("resource", name.toString(), "kind", kind.name()));
  }
}
