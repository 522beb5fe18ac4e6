package dev.modelgate.app.sharing;

import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.row.Grant;
import java.util.List;
import java.util.Map;

/**
 * What the profile's switches {@code owners}, {@code creator} and {@code owner_recipient} say about
 * changing the grants of owners.
 */
final class OwnerSwitches {
  private final Draft draft;
  private final Rights rights;

  OwnerSwitches(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /**
   * Whether a share with an owner changes nothing. An owner has everything already: to share with
   * him leaves nothing behind that he would keep after his ownership. To set him to a lower role is
   * another thing.
   *
   * @throws RefusedException RECIPIENT_IS_OWNER where the profile takes it for a mistake
   */
  boolean addsNothing(GrantChange change, List<Grant> old) {
    if (old.stream().noneMatch(grant -> Grants.isOwner(draft.profile(), grant))) {
      return false;
    }
    if (draft.profile().switches().ownerRecipient() == Switches.OwnerRecipient.ERROR) {
      throw Refusal.ofField(
              Fault.RECIPIENT_IS_OWNER,
              "principal",
              change.principal().toString(),
              "somebody who does not own it")
          .asException();
    }
    return change.mode() == GrantChange.Mode.MERGE;
  }

  /**
   * An owner's grant as it is to be written: who created the resource stays its creator.
   *
   * @throws RefusedException SINGLE_OWNER when there is another one already and only a transfer
   *     changes him
   */
  Grant asOwner(
      ResourceName name,
      Uid resource,
      Uid recipient,
      List<Grant> old,
      Grant grant,
      boolean transfers) {
    if (!transfers
        && draft.profile().switches().owners() == Switches.Owners.SINGLE
        && hasOtherOwner(resource, recipient)) {
      throw single(name).asException();
    }
    return old.stream().anyMatch(this::isCreators) ? grant.withOrigin(Grant.Origin.CREATOR) : grant;
  }

  /**
   * Refuses to take ownership from the creator, where he leaves only by himself.
   *
   * @throws RefusedException CREATOR_STAYS
   */
  void requireMayTake(ResourceName name, PrincipalName from, Grant grant) {
    if (!rights.isSystemAdministrator()
        && draft.profile().switches().creator() == Switches.Creator.LEAVES_BY_HIMSELF
        && isCreators(grant)) {
      throw new Refusal(
              Fault.CREATOR_STAYS,
              "`" + from + "` created `" + name + "` and stops owning it only by himself",
              "changes",
              Map.of("principal", from.toString(), "resource", name.toString()))
          .asException();
    }
  }

  /** The refusal of a second owner. */
  static Refusal single(ResourceName name) {
    return new Refusal(
        Fault.SINGLE_OWNER,
        "`" + name + "` has one owner, and TransferOwnership alone changes him",
        "",
        Map.of("resource", name.toString()));
  }

  private boolean isCreators(Grant grant) {
    return grant.origin() == Grant.Origin.CREATOR && Grants.isOwner(draft.profile(), grant);
  }

  /** Whether somebody else than the recipient, and not deleted, owns the resource. */
  boolean hasOtherOwner(Uid resource, Uid recipient) {
    boolean[] found = {false};
    draft
        .rows()
        .eachGrantOf(
            resource,
            row -> {
              found[0] =
                  !row.principal().equals(recipient)
                      && draft.nameOf(row.principal()).isPresent()
                      && row.grants().stream().anyMatch(g -> Grants.isOwner(draft.profile(), g));
              return !found[0];
            });
    return found[0];
  }
}
