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
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Sharing and revoking on one resource. */
final class GrantRules {
  private final Draft draft;
  private final Rights rights;
  private final Manner manner;
  private final Recipients recipients;
  private final OwnerSwitches owners;

  /** How grants come to be changed. */
  enum Manner {
    /** By somebody who shares or revokes. */
    REQUEST,
    /**
     * As a file says, which is a state that came about in some order: disabled principals may have
     * received, and owners have other roles.
     */
    FILE,
    /** By a transfer of ownership, which alone makes another the single owner. */
    TRANSFER
  }

  GrantRules(Draft draft, Rights rights, Manner manner) {
    this.draft = draft;
    this.rights = rights;
    this.manner = manner;
    this.recipients = new Recipients(draft);
    this.owners = new OwnerSwitches(draft, rights);
  }

  /** All changes or none; the floors hold for what is there afterwards. */
  void update(Command.UpdateGrants command) {
    ResourceName name = command.resource();
    draft.requireOwn(name);
    ResourceRow resource = ResourceRules.require(draft, rights, name);
    Kind kind = ResourceRules.kindOf(draft, name);
    if (!onlyLeaves(command)) {
      rights.require(name, Operation.SHARE);
    }
    if (!command.etag().isEmpty()) {
      requireEtag(name, command.etag(), Etag.ofGrants(draft.rows(), resource.uid()));
    }
    Floors floors =
        Floors.before(draft, name, kind, resource.uid(), mayTouchFloor(resource.uid(), command));
    int recipientsMax = draft.profile().limits().recipients();
    if (command.changes().size() > recipientsMax) {
      throw Refusal.ofSize("changes", command.changes().size(), recipientsMax).asException();
    }
    Set<PrincipalName> named = new HashSet<>();
    for (GrantChange change : command.changes()) {
      if (!named.add(change.principal())) {
        throw Refusal.ofField(
                Fault.RECIPIENT_REPEATED,
                "changes",
                change.principal().toString(),
                "each principal once")
            .asException();
      }
      apply(name, kind, resource.uid(), change, Grant.Origin.DIRECT);
    }
    floors.requireAfter();
  }

  /** Refuses an etag that is given and is not the current one. */
  static void requireEtag(Object name, String given, String current) {
    if (!given.isEmpty() && !given.equals(current)) {
      throw new Refusal(
              Fault.ETAG_MISMATCH,
              "etag: `" + given + "` is stale, read again",
              "etag",
              Map.of("name", name.toString(), "etag", current))
          .asException();
    }
  }

  /** Applies one change with all limits of the requester, floors apart. */
  void apply(ResourceName name, Kind kind, Uid resource, GrantChange change, Grant.Origin origin) {
    if (change.mode() == GrantChange.Mode.REMOVE) {
      remove(name, kind, resource, change);
      return;
    }
    requireShareable(kind, name, change);
    Uid recipient = recipients.of(kind, change.principal(), manner == Manner.FILE);
    Grant grant = Grants.of(draft, rights, kind, change, origin);
    List<Grant> old = grantsOf(resource, recipient);
    new Cap(draft, rights).requireMayGive(name, kind, grant);
    if (manner == Manner.REQUEST && owners.addsNothing(change, old)) {
      return;
    }
    if (Grants.isOwner(draft.profile(), grant)) {
      recipients.requireMayOwn("principal", change.principal());
      grant = owners.asOwner(name, resource, recipient, old, grant, manner == Manner.TRANSFER);
    }
    List<Grant> after = new ArrayList<>();
    for (Grant kept : old) {
      boolean replaced = change.mode() == GrantChange.Mode.SET || kept.sameTarget(grant);
      if (!replaced) {
        after.add(kept);
      } else if (!isActor(change.principal()) && !Grants.covers(kept, grant)) {
        owners.requireMayTake(name, change.principal(), kept);
        new Cap(draft, rights).requireMayTake(name, kind, change.principal(), kept);
      }
    }
    Grant written = grant;
    Optional<Grant> same = old.stream().filter(g -> Grants.sameEffect(g, written)).findFirst();
    if (same.isPresent() && after.size() == old.size() - 1) {
      if (change.notifies()) {
        draft.put(new GrantRow(resource, recipient, old));
        draft.tell(resource, recipient, same.get());
      }
      return;
    }
    after.add(grant);
    if (after.size() > GrantRow.GRANTS_MAX) {
      throw Refusal.ofSize("grants of one principal", after.size(), GrantRow.GRANTS_MAX)
          .asException();
    }
    draft.put(new GrantRow(resource, recipient, after));
    if (manner != Manner.FILE && (change.notifies() || kind.sharing().alwaysNotifies())) {
      draft.tell(resource, recipient, grant);
    }
  }

  private void remove(ResourceName name, Kind kind, Uid resource, GrantChange change) {
    Uid recipient =
        draft
            .uidOf(change.principal())
            .orElseThrow(() -> nothingToRemove(name, change.principal()).asException());
    List<Grant> old = grantsOf(resource, recipient);
    boolean all = change.role().isEmpty() && change.permissions().isEmpty();
    List<Grant> kept = new ArrayList<>();
    List<Grant> removed = new ArrayList<>();
    Grant target = all ? null : Grants.target(draft.profile(), kind, change);
    for (Grant grant : old) {
      (target == null || removes(change, target, grant) ? removed : kept).add(grant);
    }
    if (removed.isEmpty()) {
      throw nothingToRemove(name, change.principal()).asException();
    }
    for (Grant grant : removed) {
      if (!isActor(change.principal())) {
        owners.requireMayTake(name, change.principal(), grant);
        new Cap(draft, rights).requireMayTake(name, kind, change.principal(), grant);
      }
    }
    GrantRow before = new GrantRow(resource, recipient, old);
    if (kept.isEmpty()) {
      draft.delete(before);
    } else {
      draft.put(new GrantRow(resource, recipient, kept));
    }
  }

  /**
   * Whether a removal means that grant: without a condition it means all of the role, so that
   * nobody keeps under a condition what was to be taken from him.
   */
  private static boolean removes(GrantChange change, Grant target, Grant grant) {
    return change.condition().isEmpty() ? grant.gives(target) : grant.sameTarget(target);
  }

  /** One may always leave by oneself, within the floors, also without the right to share. */
  private boolean onlyLeaves(Command.UpdateGrants command) {
    return command.changes().stream()
        .allMatch(
            change -> change.mode() == GrantChange.Mode.REMOVE && isActor(change.principal()));
  }

  private boolean isActor(PrincipalName principal) {
    return rights.actor().filter(principal::equals).isPresent();
  }

  /**
   * Whether a change concerns somebody whose grants a floor may count; the floors walk all grants
   * of the resource.
   */
  private boolean mayTouchFloor(Uid resource, Command.UpdateGrants command) {
    for (GrantChange change : command.changes()) {
      Optional<Uid> uid = draft.uidOf(change.principal());
      if (uid.isPresent()
          && grantsOf(resource, uid.get()).stream()
              .anyMatch(g -> g.canShare() || Grants.isOwner(draft.profile(), g))) {
        return true;
      }
    }
    return false;
  }

  private List<Grant> grantsOf(Uid resource, Uid principal) {
    return draft.rows().grants(resource, principal).map(GrantRow::grants).orElse(List.of());
  }

  /** What is never shared has an owner all the same, who comes with it or by a transfer. */
  private void requireShareable(Kind kind, ResourceName name, GrantChange change) {
    boolean owns =
        manner != Manner.REQUEST
            && kind.sharing().owned()
            && draft.profile().role(change.role()).filter(Role::owner).isPresent();
    String type =
        draft.last().resource(name.relativePath()).map(row -> row.attributes().type()).orElse("");
    if (!owns && !kind.sharing().isShareable(type)) {
      throw Refusal.ofField(
              Fault.KIND_NOT_SHAREABLE,
              "resource",
              name.toString(),
              "a kind and type with grants of its own")
          .asException();
    }
  }

  private static Refusal nothingToRemove(ResourceName name, PrincipalName principal) {
    return new Refusal(
        Fault.NOTHING_TO_REMOVE,
        "`" + principal + "` has no such grant on `" + name + "`",
        "changes",
        Map.of("principal", principal.toString(), "name", name.toString()));
  }
}
