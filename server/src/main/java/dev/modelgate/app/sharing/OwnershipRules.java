package dev.modelgate.app.sharing;

import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Handing ownership over: the owner does, or an administrator, which saves the model of somebody
 * who left.
 */
final class OwnershipRules {
  private final Draft draft;
  private final Rights rights;

  OwnershipRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /**
   * Gives the new owner the owner role and takes it from the previous one, who keeps what is said.
   */
  void transfer(Command.TransferOwnership command) {
    ResourceName name = command.resource();
    draft.requireOwn(name);
    ResourceRow resource = ResourceRules.require(draft, rights, name);
    Kind kind = ResourceRules.kindOf(draft, name);
    if (!rights.isLastingAdministrator()) {
      rights.require(name, Operation.TRANSFER);
    }
    Optional<PrincipalName> previous = previousOwner(command, resource.uid());
    if (previous.isPresent()) {
      requireMayTake(name, previous.get(), ownedBy(name, resource.uid(), previous.get()));
    }
    if (previous.filter(command.newOwner()::equals).isPresent()) {
      return;
    }
    Role owner =
        draft
            .profile()
            .ownerRole(kind)
            .orElseThrow(
                () ->
                    Refusal.ofField(
                            Fault.KIND_NOT_SHAREABLE,
                            "resource",
                            name.toString(),
                            "a kind whose resources have owners")
                        .asException());
    boolean canShare = comesWithSharing(kind, resource.uid(), previous, command.newOwner());
    new Cap(draft, rights).requireMayHandOver(name, kind, grant(owner, canShare));
    Rights unlimited =
        new Rights(
            draft.organizationId(),
            draft,
            draft.rows(),
            Requester.SYSTEM_ADMINISTRATOR,
            draft.atMicros());
    GrantRules rules = new GrantRules(draft, unlimited, GrantRules.Manner.TRANSFER);
    rules.apply(
        name,
        kind,
        resource.uid(),
        change(GrantChange.Mode.MERGE, command.newOwner(), owner.name(), canShare),
        Grant.Origin.DIRECT);
    if (previous.isPresent()) {
      release(name, kind, resource.uid(), previous.get(), command.keepPreviousAs());
    } else {
      releaseDeleted(resource.uid());
    }
  }

  /** Who owned it and is deleted would own it beside the new owner once he is restored. */
  private void releaseDeleted(Uid resource) {
    List<GrantRow> ofDeleted = new ArrayList<>();
    draft
        .rows()
        .eachGrantOf(
            resource,
            row -> {
              if (draft.nameOf(row.principal()).isEmpty()) {
                ofDeleted.add(row);
              }
              return true;
            });
    for (GrantRow row : ofDeleted) {
      List<Grant> kept = new ArrayList<>(row.grants());
      if (kept.removeIf(grant -> Grants.isOwner(draft.profile(), grant))) {
        write(row, kept);
      }
    }
  }

  private void write(GrantRow row, List<Grant> kept) {
    if (kept.isEmpty()) {
      draft.delete(row);
    } else {
      draft.put(new GrantRow(row.resource(), row.principal(), kept));
    }
  }

  private void release(
      ResourceName name, Kind kind, Uid resource, PrincipalName previous, String keepAs) {
    GrantRow row = ownedBy(name, resource, previous);
    List<Grant> kept = new ArrayList<>(row.grants());
    kept.removeIf(grant -> Grants.isOwner(draft.profile(), grant));
    if (!keepAs.isEmpty()) {
      Role role = Grants.role(draft.profile(), kind, keepAs);
      if (role.owner() && draft.profile().switches().owners() == Switches.Owners.SINGLE) {
        throw OwnerSwitches.single(name).asException();
      }
      Grant keeps = grant(role, role.owner() && kind.sharing().ownersShare());
      new Cap(draft, rights).requireMayHandOver(name, kind, keeps);
      kept.removeIf(grant -> grant.role() == role.id());
      kept.add(keeps);
    }
    write(row, kept);
  }

  /** A grant of the requester without an end. */
  private Grant grant(Role role, boolean canShare) {
    return new Grant(
        role.id(),
        0,
        canShare,
        role.owner(),
        0,
        Micros.NEVER,
        Grant.Origin.DIRECT,
        rights.actorUid(),
        draft.atMicros(),
        "",
        "");
  }

  /**
   * Whether the new owner may share: as the previous one might, where that does not come with
   * owning; by an administrator always.
   */
  private boolean comesWithSharing(
      Kind kind, Uid resource, Optional<PrincipalName> previous, PrincipalName next) {
    if (kind.sharing().ownersShare() || rights.isLastingAdministrator() || previous.isEmpty()) {
      return true;
    }
    return Stream.of(previous.get(), next)
        .flatMap(name -> draft.uidOf(name).stream())
        .flatMap(uid -> draft.rows().grants(resource, uid).stream())
        .flatMap(row -> row.grants().stream())
        .anyMatch(grant -> grant.canShare() && Grants.isOwner(draft.profile(), grant));
  }

  /** He may himself, and an administrator, which saves the model of a creator who left. */
  private void requireMayTake(ResourceName name, PrincipalName previous, GrantRow owned) {
    if (rights.actor().filter(previous::equals).isEmpty() && !rights.isLastingAdministrator()) {
      OwnerSwitches owners = new OwnerSwitches(draft, rights);
      owned.grants().forEach(grant -> owners.requireMayTake(name, previous, grant));
    }
  }

  /** What an owner holds on the resource itself; a refusal for somebody who does not own it. */
  private GrantRow ownedBy(ResourceName name, Uid resource, PrincipalName principal) {
    return draft
        .uidOf(principal)
        .flatMap(uid -> draft.rows().grants(resource, uid))
        .filter(row -> row.grants().stream().anyMatch(g -> Grants.isOwner(draft.profile(), g)))
        .orElseThrow(() -> notOwner(name, principal).asException());
  }

  private Optional<PrincipalName> previousOwner(Command.TransferOwnership command, Uid resource) {
    if (command.previousOwner().isPresent()) {
      return command.previousOwner();
    }
    List<PrincipalName> owners = new ArrayList<>();
    draft
        .rows()
        .eachGrantOf(
            resource,
            row -> {
              if (row.grants().stream().anyMatch(grant -> Grants.isOwner(draft.profile(), grant))) {
                draft.nameOf(row.principal()).ifPresent(owners::add);
              }
              return owners.size() < 2;
            });
    if (owners.size() > 1) {
      throw Refusal.ofField(Fault.INVALID_FIELD, "previous_owner", "", "one of the several owners")
          .asException();
    }
    return owners.stream().findFirst();
  }

  private static GrantChange change(
      GrantChange.Mode mode, PrincipalName principal, String role, boolean canShare) {
    return new GrantChange(mode, principal, role, List.of(), canShare, true, 0, Micros.NEVER, "");
  }

  private static Refusal notOwner(ResourceName name, PrincipalName principal) {
    return new Refusal(
        Fault.NOTHING_TO_REMOVE,
        "`" + principal + "` does not own `" + name + "`",
        "previous_owner",
        Map.of("principal", principal.toString(), "name", name.toString()));
  }
}
