package dev.modelgate.app.sharing;

import dev.modelgate.app.sharing.Command.GrantChange.Mode;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.TypeRightRow;
import dev.modelgate.store.row.TypeRightRow.Right;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who may do what with every resource of a kind.
 *
 * <p>An administrator of the organization, not one for a time, writes any right. Whoever else the
 * profile lets write them gives by a right no more than by a grant on the whole organization, and
 * never writes a ceiling: ceilings are a union, so that each further one widens, and where none is
 * no limit, taking the last one away does, too.
 */
final class TypeRightRules {
  /** The most pairs of principal and kind in one organization; all of them are kept in memory. */
  static final int ROWS_MAX = 10_000;

  private final Draft draft;
  private final Rights rights;
  private final ResourceName root;
  private final boolean administrator;
  private final Cap cap;

  /** What a bounded requester has, before anything of the command is done. */
  private final Optional<Facts> held;

  /** The rows that there are now; negative as long as nobody asked. */
  private int rows = -1;

  TypeRightRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
    this.root = ResourceName.ofOrganization(draft.organizationId());
    this.administrator = rights.isLastingAdministrator();
    this.cap = new Cap(draft, rights);
    this.held = administrator ? Optional.empty() : Optional.of(rights.factsToShare(root));
  }

  /** All changes or none. */
  void update(Command.UpdateTypeRights command) {
    if (!administrator) {
      rights.require(root, Operation.TYPE_RIGHTS);
    }
    if (!command.etag().isEmpty()) {
      GrantRules.requireEtag(root, command.etag(), Etag.ofTypeRights(draft.rows()));
    }
    requireNotRepeated(command.changes());
    for (TypeRightChange change : command.changes()) {
      if (change.mode() == Mode.REMOVE) {
        remove(change);
      } else {
        put(change, false);
      }
    }
  }

  /** Adds a right, as an import does: its holder may have been disabled since. */
  void merge(TypeRightChange change) {
    put(change, true);
  }

  private void put(TypeRightChange change, boolean asInAFile) {
    Kind kind = kind(change.kind());
    Right right = new TypeRights(draft).of(kind, change, rights.actorUid());
    Uid holder = new Holders(draft).named("principal", change.principal());
    if (!asInAFile && !right.effects().equals(Set.of(Effect.BOUNDS))) {
      new Holders(draft).requireActive("principal", change.principal());
    }
    new Recipients(draft).requireMayHoldTypeRights("principal", change.principal());
    requireMayWrite(right);
    requireRecipient(kind, change.principal());
    requireMayGive(kind, right);
    List<Right> old = rightsOf(holder, kind);
    List<Right> after = new ArrayList<>();
    boolean asBefore = false;
    for (Right kept : old) {
      boolean same = TypeRights.isSame(kept, right);
      if (change.mode() != Mode.SET && !same) {
        after.add(kept);
      } else {
        requireMayWrite(kept);
        requireMayTake(change.principal(), kind, same ? kept.mask() & ~right.mask() : kept.mask());
        asBefore |= same && kept.mask() == right.mask();
      }
    }
    if (asBefore && after.size() == old.size() - 1) {
      return;
    }
    if (old.isEmpty()) {
      requireRoom();
    }
    after.add(right);
    if (after.size() > TypeRightRow.RIGHTS_MAX) {
      throw Refusal.ofSize(
              "type rights of one principal for one kind", after.size(), TypeRightRow.RIGHTS_MAX)
          .asException();
    }
    draft.put(new TypeRightRow(holder, kind.name(), after));
  }

  private void remove(TypeRightChange change) {
    Kind kind = kind(change.kind());
    Uid holder =
        draft.uidOf(change.principal()).orElseThrow(() -> nothingToRemove(change).asException());
    List<Right> old = rightsOf(holder, kind);
    List<Right> kept = new ArrayList<>();
    for (Right right : old) {
      if (change.isOfAll() || TypeRights.isMeant(right, change)) {
        requireMayWrite(right);
        requireMayTake(change.principal(), kind, right.mask());
      } else {
        kept.add(right);
      }
    }
    if (kept.size() == old.size()) {
      throw nothingToRemove(change).asException();
    }
    if (kept.isEmpty()) {
      draft.delete(new TypeRightRow(holder, kind.name(), old));
      rows = -1;
    } else {
      draft.put(new TypeRightRow(holder, kind.name(), kept));
    }
  }

  private List<Right> rightsOf(Uid holder, Kind kind) {
    return draft.rows().typeRights(holder, kind.name()).map(TypeRightRow::rights).orElse(List.of());
  }

  private void requireMayWrite(Right right) {
    if (!administrator && right.has(Effect.BOUNDS)) {
      rights.requireLastingAdministrator();
    }
  }

  /** Refuses somebody to whom no grant that gives the same could be given. */
  private void requireRecipient(Kind kind, PrincipalName name) {
    Kind whole = ResourceRules.kindOf(draft, root);
    for (Kind shared : List.of(whole, kind)) {
      if (!administrator && !shared.sharing().recipients().contains(name.kind())) {
        throw Refusal.ofField(
                Fault.KIND_NOT_ALLOWED,
                "principal",
                name.toString(),
                "somebody with whom a " + shared.name() + " can be shared")
            .asException();
      }
    }
  }

  /** Refuses a right that exceeds what the requester may share in the whole organization. */
  private void requireMayGive(Kind kind, Right right) {
    if (held.isEmpty() || draft.profile().switches().cap() == Switches.Cap.NONE) {
      return;
    }
    long shareable = shareable(held.get(), kind);
    if (shareable == 0) {
      throw new Refusal(
              Fault.NO_SHARE_RIGHT,
              "nothing that you hold on every " + kind.name() + " may be shared on",
              "",
              Map.of("actor", rights.actorText(), "resource", root.toString()))
          .asException();
    }
    long excess = right.mask() & ~shareable;
    if (excess != 0) {
      String permissions = names(excess);
      throw new Refusal(
              Fault.CAP_EXCEEDED,
              "the right gives `"
                  + permissions
                  + "` on every "
                  + kind.name()
                  + ", which you may not share for ever",
              "changes",
              Map.of(
                  "grant", names(right.mask()),
                  "permissions", permissions,
                  "kind", kind.name(),
                  "resource", root.toString()))
          .asException();
    }
  }

  /** Refuses to take from somebody what the requester may not share himself. */
  private void requireMayTake(PrincipalName from, Kind kind, long mask) {
    boolean own = rights.actor().filter(from::equals).isPresent();
    if (held.isEmpty()
        || own
        || draft.profile().switches().aboveYou() == Switches.AboveYou.ALLOWED
        || (mask & ~shareable(held.get(), kind)) == 0) {
      return;
    }
    throw new Refusal(
            Fault.ABOVE_YOU,
            "`"
                + from
                + "` has `"
                + names(mask)
                + "` on every "
                + kind.name()
                + ", which you may not share yourself",
            "changes",
            Map.of(
                "principal", from.toString(),
                "grant", names(mask),
                "resource", root.toString()))
        .asException();
  }

  /**
   * A right has no end and no condition, so that only such grants are given on by it, and it is on
   * every resource of the kind, so that only grants that reach all of them are.
   */
  private long shareable(Facts facts, Kind kind) {
    Kind whole = ResourceRules.kindOf(draft, root);
    boolean reached = draft.profile().reaches(whole, kind);
    return Decider.shareable(facts, kind, grant -> reached && cap.isLasting(grant));
  }

  private Kind kind(String name) {
    return draft
        .profile()
        .kind(name)
        .orElseThrow(
            () ->
                Refusal.ofField(
                        Fault.UNKNOWN_KIND,
                        "kind",
                        name,
                        "a kind of the profile `" + draft.profile().name() + "`")
                    .asException());
  }

  /** Every right once, and what is about all rights of a pair before the others of the pair. */
  private static void requireNotRepeated(List<TypeRightChange> changes) {
    Set<List<Object>> named = new HashSet<>();
    for (TypeRightChange change : changes) {
      boolean first = named.add(List.of(change.principal(), change.kind()));
      boolean once =
          named.add(List.of(change.principal(), change.kind(), change.depth(), change.effects()));
      if (!once || change.isOfAll() && !first) {
        throw Refusal.ofField(
                Fault.RECIPIENT_REPEATED,
                "changes",
                change.principal().toString(),
                "each right once, and what replaces the others first")
            .asException();
      }
    }
  }

  private void requireRoom() {
    if (rows < 0) {
      rows = draft.count(Table.TYPE_RIGHTS);
    }
    rows++;
    if (rows > ROWS_MAX) {
      throw Refusal.ofSize("type rights of the organization", rows, ROWS_MAX).asException();
    }
  }

  private String names(long mask) {
    return String.join(",", draft.profile().permissionNames(mask));
  }

  private Refusal nothingToRemove(TypeRightChange change) {
    return new Refusal(
        Fault.NOTHING_TO_REMOVE,
        "`" + change.principal() + "` has no such right for the kind `" + change.kind() + "`",
        "changes",
        Map.of("principal", change.principal().toString(), "name", root.toString()));
  }
}
