package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.InactiveGroupRow;
import dev.modelgate.store.row.OrphanRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings a deleted principal back, as long as nothing of it was swept: for administrators of the
 * organization (hazard 31) whose administration has no end (hazard 24), for it has again whatever
 * it had, suspended if it was. The state that results keeps every rule: one bearer of a name, one
 * owner where the profile says so, no cycle of groups.
 */
final class RestoreRules {
  private final Draft draft;
  private final Rights rights;

  RestoreRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /** Restores all of it or nothing. */
  void restore(Command.RestorePrincipal command) {
    rights.requireLastingAdministrator();
    PrincipalName name = command.principal();
    Uid uid = command.uid();
    if (draft.rows().principalName(uid).filter(row -> row.name().equals(name)).isEmpty()) {
      throw PrincipalRules.notFound(name).asException();
    }
    Optional<PrincipalRow> living = draft.rows().principal(name);
    if (living.isPresent()) {
      String what = living.get().uid().equals(uid) ? "` is not deleted" : "` was made anew";
      throw Refusal.ofName(
              Fault.ALREADY_EXISTS, "principal `" + name + what, "principal", name.toString())
          .asException();
    }
    OrphanRow orphan = draft.rows().orphan(uid).orElseThrow(() -> swept(name, uid).asException());
    OrphanRow.Left left = orphan.left().orElseThrow(() -> swept(name, uid).asException());
    PrincipalRow record = left.record();
    draft.put(
        new PrincipalRow(
            name,
            uid,
            record.state(),
            record.groupType(),
            record.displayName(),
            record.unit(),
            record.createdAtMicros(),
            draft.atMicros(),
            draft.version()));
    draft.put(new PrincipalUidRow(uid, name, 0));
    left.suspension().ifPresent(draft::put);
    draft.delete(orphan);
    if (name.kind() == PrincipalKind.GROUP) {
      if (record.state() == PrincipalRow.State.ACTIVE) {
        draft.delete(new InactiveGroupRow(uid));
      }
      new MembershipRules(draft, rights).requireFits(name, uid);
    }
    if (draft.profile().switches().owners() == Switches.Owners.SINGLE) {
      requireSoleOwner(uid);
    }
  }

  /** Refuses to make somebody a second owner of what was given to another one meanwhile. */
  private void requireSoleOwner(Uid uid) {
    OwnerSwitches owners = new OwnerSwitches(draft, rights);
    draft
        .rows()
        .eachResourceGrantedTo(
            uid,
            resource -> {
              List<Grant> held =
                  draft.rows().grants(resource, uid).map(GrantRow::grants).orElse(List.of());
              boolean owns = held.stream().anyMatch(g -> Grants.isOwner(draft.profile(), g));
              if (owns && owners.hasOtherOwner(resource, uid)) {
                draft
                    .nameOfResource(resource)
                    .ifPresent(
                        found -> {
                          throw OwnerSwitches.single(found).asException();
                        });
              }
              return true;
            });
  }

  private static Refusal swept(PrincipalName name, Uid uid) {
    return new Refusal(
        Fault.NOT_RESTORABLE,
        "principal `" + name + "` was deleted too long ago: what it had is removed",
        "uid",
        Map.of("principal", name.toString(), "uid", uid.toString()));
  }
}
