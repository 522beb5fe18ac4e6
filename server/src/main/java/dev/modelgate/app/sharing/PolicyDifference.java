package dev.modelgate.app.sharing;

import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.PrincipalUidRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a policy changes on a resource: found and checked first, grant by grant against the state
 * before, and written as a whole then.
 */
final class PolicyDifference {
  private final Draft draft;
  private final Rights rights;
  private final ResourceName name;
  private final Kind kind;
  private final Uid resource;
  private final Policy.Form form;
  private final Recipients recipients;
  private final OwnerSwitches owners;
  private final Cap cap;
  private final Map<Uid, Change> changes = new LinkedHashMap<>();

  /**
   * What becomes of the grants of one principal.
   *
   * @param after empty for none
   * @param fresh those of them that are new or changed
   */
  private record Change(List<Grant> old, List<Grant> after, List<Grant> fresh) {}

  /**
   * Whose grants change.
   *
   * @param self whether the requester acts for him, which nobody does for a deleted bearer of his
   *     name
   */
  private record Holder(PrincipalName name, Uid uid, boolean self) {}

  PolicyDifference(
      Draft draft, Rights rights, ResourceName name, Kind kind, Uid resource, Policy.Form form) {
    this.draft = draft;
    this.rights = rights;
    this.name = name;
    this.kind = kind;
    this.resource = resource;
    this.form = form;
    this.recipients = new Recipients(draft);
    this.owners = new OwnerSwitches(draft, rights);
    this.cap = new Cap(draft, rights);
  }

  /**
   * Adds what a policy says of one principal.
   *
   * @param before the grants of the resource by principal, from which his are taken
   */
  void add(
      PrincipalName principal,
      Optional<Uid> deleted,
      List<GrantChange> asked,
      Map<Uid, List<Grant>> before) {
    Optional<Uid> known = deleted.isPresent() ? deleted : draft.uidOf(principal);
    List<Grant> old = known.map(uid -> before.getOrDefault(uid, List.of())).orElse(List.of());
    known.ifPresent(before::remove);
    List<Grant> kept = new ArrayList<>();
    List<GrantChange> fresh = new ArrayList<>();
    for (GrantChange grant : asked) {
      Optional<Grant> same = old.stream().filter(held -> isThere(grant, held)).findFirst();
      if (same.isEmpty()) {
        fresh.add(grant);
      } else if (!kept.contains(same.get())) {
        kept.add(same.get());
      } else if (form == Policy.Form.COMPLETE) {
        throw repeated(principal).asException();
      }
    }
    if (deleted.isPresent()) {
      requireWasThere(principal, deleted.get(), fresh);
    }
    Uid uid = fresh.isEmpty() ? known.orElseThrow() : recipients.of(kind, principal, false);
    List<Grant> given = new ArrayList<>();
    for (GrantChange grant : fresh) {
      Grant made = give(principal, uid, old, grant);
      if (given.contains(made) && form != Policy.Form.COMPLETE) {
        continue;
      }
      if (has(kept, made) || has(given, made)) {
        throw repeated(principal).asException();
      }
      given.add(made);
    }
    boolean self = deleted.isEmpty() && isActor(principal);
    change(new Holder(principal, uid, self), old, kept, given);
  }

  /** Takes everything from a principal of whom a policy says nothing. */
  void takeAll(Uid principal, List<Grant> old) {
    Optional<PrincipalName> living = draft.nameOf(principal);
    PrincipalName name =
        living
            .or(() -> draft.rows().principalName(principal).map(PrincipalUidRow::name))
            .orElseThrow(() -> new IllegalStateException("a grant to nobody: " + principal));
    boolean self = living.isPresent() && isActor(name);
    change(new Holder(name, principal, self), old, List.of(), List.of());
  }

  /** Writes the rows that change. */
  void write() {
    changes.forEach(this::write);
    // Again in the result: one policy may name two new owners.
    changes.forEach(
        (uid, change) -> change.fresh().forEach(grant -> asWritten(uid, change.old(), grant)));
  }

  private void write(Uid principal, Change change) {
    if (!change.after().isEmpty()) {
      draft.put(new GrantRow(resource, principal, change.after()));
    } else if (isLink(principal)) {
      draft.rows().link(principal).ifPresent(new Links(draft)::end);
    } else {
      draft.delete(new GrantRow(resource, principal, change.old()));
    }
    if (kind.sharing().alwaysNotifies()) {
      change.fresh().forEach(grant -> draft.tell(resource, principal, grant));
    }
  }

  private Grant give(PrincipalName principal, Uid uid, List<Grant> old, GrantChange asked) {
    Grant grant = Grants.of(draft, rights, kind, withFlagsOf(old, asked), Grant.Origin.DIRECT);
    cap.requireMayGive(name, kind, grant);
    // For its refusal alone: what a policy says is written, to an owner too.
    owners.addsNothing(asked, old);
    if (Grants.isOwner(draft.profile(), grant)) {
      recipients.requireMayOwn("principal", principal);
    }
    return asWritten(uid, old, grant);
  }

  private Grant asWritten(Uid uid, List<Grant> old, Grant grant) {
    return Grants.isOwner(draft.profile(), grant)
        ? owners.asOwner(name, resource, uid, old, grant, false)
        : grant;
  }

  private boolean isActor(PrincipalName principal) {
    return rights.actor().filter(principal::equals).isPresent();
  }

  private void change(Holder holder, List<Grant> old, List<Grant> kept, List<Grant> given) {
    for (Grant held : old) {
      boolean stays =
          kept.contains(held) || given.stream().anyMatch(grant -> Grants.covers(held, grant));
      if (!stays && !holder.self()) {
        owners.requireMayTake(name, holder.name(), held);
        cap.requireMayTake(name, kind, holder.name(), held);
      }
    }
    List<Grant> after = new ArrayList<>(old);
    after.retainAll(kept);
    after.addAll(given);
    if (after.size() > GrantRow.GRANTS_MAX) {
      throw Refusal.ofSize("grants of one principal", after.size(), GrantRow.GRANTS_MAX)
          .asException();
    }
    if (!after.equals(old)) {
      changes.put(holder.uid(), new Change(old, after, given));
    }
  }

  /** Whether a grant is there just as it is asked for. */
  private boolean isThere(GrantChange asked, Grant held) {
    Grant target = Grants.target(draft.profile(), kind, asked);
    if (form != Policy.Form.COMPLETE) {
      return held.gives(target) && Policy.looksAlike(held, asked);
    }
    boolean owner = Grants.isOwner(draft.profile(), target);
    boolean canShare = asked.canShare() || owner && kind.sharing().ownersShare();
    return held.sameTarget(target)
        && (held.canShare() == asked.canShare() || held.canShare() == canShare)
        && held.canUseData() == (asked.canUseData() || owner)
        && held.notBeforeMicros() == asked.notBeforeMicros()
        && held.expiresAtMicros() == asked.expiresAtMicros()
        && held.note().equals(asked.note());
  }

  /** The bare form does not say the flags: what is changed otherwise keeps them. */
  private GrantChange withFlagsOf(List<Grant> old, GrantChange asked) {
    if (form == Policy.Form.COMPLETE) {
      return asked;
    }
    Grant target = Grants.target(draft.profile(), kind, asked);
    Optional<Grant> same = old.stream().filter(target::sameTarget).findFirst();
    return new GrantChange(
        asked.mode(),
        asked.principal(),
        asked.role(),
        asked.permissions(),
        same.filter(Grant::canShare).isPresent(),
        same.filter(Grant::canUseData).isPresent(),
        asked.notBeforeMicros(),
        asked.expiresAtMicros(),
        asked.note(),
        asked.condition());
  }

  /** A deleted principal keeps what he has, under his own identity, and is given nothing. */
  private void requireWasThere(PrincipalName principal, Uid uid, List<GrantChange> fresh) {
    boolean matches =
        draft
            .rows()
            .principalName(uid)
            .filter(row -> row.isDeleted() && row.name().equals(principal))
            .isPresent();
    if (!matches || !fresh.isEmpty()) {
      throw Refusal.ofField(
              Fault.UNKNOWN_PRINCIPAL,
              "policy.bindings",
              "deleted:" + principal + "?uid=" + uid.value(),
              "a deleted principal with that uid, and what is there already")
          .asException();
    }
  }

  private boolean isLink(Uid principal) {
    return draft.nameOf(principal).filter(found -> found.kind() == PrincipalKind.LINK).isPresent();
  }

  private static boolean has(List<Grant> grants, Grant grant) {
    return grants.stream().anyMatch(grant::sameTarget);
  }

  private static Refusal repeated(PrincipalName principal) {
    return Refusal.ofField(
        Fault.RECIPIENT_REPEATED,
        "policy.bindings",
        principal.toString(),
        "what is given and under which condition once");
  }
}
