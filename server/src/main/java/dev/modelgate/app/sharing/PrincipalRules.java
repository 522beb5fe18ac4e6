package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.UnitName;
import dev.modelgate.store.row.InactiveGroupRow;
import dev.modelgate.store.row.OrphanRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalRow.GroupType;
import dev.modelgate.store.row.PrincipalRow.State;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.SuspensionRow;
import java.util.Optional;

/** The directory: who there is. For administrators of the organization. */
final class PrincipalRules {
  private final Draft draft;
  private final Rights rights;

  PrincipalRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /** Creates a principal or changes one. */
  void put(Command.PutPrincipal command) {
    rights.requireAdministrator();
    PrincipalName name = command.principal();
    requireRecordable(name);
    Optional<PrincipalRow> old = draft.rows().principal(name);
    if (old.isPresent() && command.createOnly()) {
      throw exists(name).asException();
    }
    String current = old.map(row -> Etag.of(row.uid(), row.changedIn())).orElse("");
    GrantRules.requireEtag(name, command.etag(), current);
    bring(name, command.state(), command.groupType(), command.displayName(), command.unit());
  }

  /** Brings a principal to what is said; what is not said stays or, for a new one, is usual. */
  void bring(
      PrincipalName name,
      Optional<State> state,
      Optional<GroupType> groupType,
      String displayName,
      Optional<UnitName> unit) {
    Optional<PrincipalRow> old = draft.rows().principal(name);
    GroupType usual = name.kind() == PrincipalKind.GROUP ? GroupType.ACCESS : GroupType.NONE;
    put(
        name,
        state.or(() -> old.map(PrincipalRow::state)).orElse(State.ACTIVE),
        groupType.or(() -> old.map(PrincipalRow::groupType)).orElse(usual),
        displayName,
        unit.or(() -> old.map(PrincipalRow::unit)).orElse(UnitName.ROOT));
  }

  private void put(
      PrincipalName name, State state, GroupType type, String displayName, UnitName unit) {
    requireRecordable(name);
    if ((type != GroupType.NONE) != (name.kind() == PrincipalKind.GROUP)) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD, "group_subtype", type.toString(), "a subtype for groups only")
          .asException();
    }
    Optional<PrincipalRow> old = draft.rows().principal(name);
    if (old.isEmpty()) {
      PrincipalRow row = draft.create(name, state, type, displayName, unit);
      markGroup(row);
      return;
    }
    PrincipalRow row = old.get();
    if (row.groupType() != type) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD,
              "group_subtype",
              type.toString(),
              row.groupType() + ", which is fixed at creation")
          .asException();
    }
    if (row.state() != state
        || !row.displayName().equals(displayName)
        || !row.unit().equals(unit)) {
      requireMayChange(row, state, unit);
      PrincipalRow changed =
          new PrincipalRow(
              name,
              row.uid(),
              state,
              type,
              displayName,
              unit,
              row.createdAtMicros(),
              draft.atMicros(),
              draft.version());
      draft.put(changed);
      markGroup(changed);
    }
  }

  /**
   * What it reaches by its unit, and what it has had, it has without an end (hazard 24); a group
   * that is switched off passes no suspension of another group on to who is in it (hazard 34).
   */
  private void requireMayChange(PrincipalRow row, State state, UnitName unit) {
    boolean reactivates = state == State.ACTIVE && row.state() != State.ACTIVE;
    if (reactivates || !row.unit().equals(unit)) {
      rights.requireLastingAdministrator();
    }
    if (state != State.ACTIVE && row.name().kind() == PrincipalKind.GROUP) {
      new SuspensionRules(draft, rights, "").requireMayResume(row.uid());
      requireMaySwitchOff(row);
    }
  }

  /** A group that is off, or gone, limits nobody any more, and that without an end (hazard 24). */
  private void requireMaySwitchOff(PrincipalRow row) {
    if (row.name().kind() == PrincipalKind.GROUP && new NamedGroups(draft).mayLimit(row.uid())) {
      rights.requireLastingAdministrator();
    }
  }

  /**
   * Deletes a principal at once; its grants and memberships are swept later (hazard 13), until when
   * it can be restored.
   */
  void delete(Command.DeletePrincipal command) {
    rights.requireAdministrator();
    PrincipalName name = command.principal();
    if (name.kind() == PrincipalKind.LINK) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED,
              "principal",
              name.toString(),
              "a user, serviceAccount, app or group; DeleteExternalLink ends links")
          .asException();
    }
    PrincipalRow row = draft.rows().principal(name).orElseThrow(() -> notFound(name).asException());
    GrantRules.requireEtag(name, command.etag(), Etag.of(row.uid(), row.changedIn()));
    // Made again it would be on again, and so would be who is in a group that is gone.
    SuspensionRules suspensions = new SuspensionRules(draft, rights, "");
    suspensions.requireMayResume(row.uid());
    requireMaySwitchOff(row);
    draft.delete(row);
    draft.put(new PrincipalUidRow(row.uid(), name, draft.atMicros()));
    Optional<SuspensionRow> suspension =
        draft.rows().suspension(SuspensionRow.Target.PRINCIPAL, row.uid());
    draft.put(
        new OrphanRow(
            row.uid(),
            SuspensionRow.Target.PRINCIPAL,
            Optional.of(new OrphanRow.Left(draft.atMicros(), row, suspension))));
    if (name.kind() == PrincipalKind.GROUP) {
      draft.put(new InactiveGroupRow(row.uid()));
    }
    suspensions.end(SuspensionRow.Target.PRINCIPAL, row.uid());
  }

  /**
   * Notes that somebody of that name was deleted elsewhere, so that nobody of that name is let in
   * as an account without a record. Deletes nobody: who is here is another one.
   */
  void bury(PrincipalName name) {
    if (draft.rows().principal(name).isPresent()) {
      throw exists(name).asException();
    }
    if (!draft.rows().wasDeleted(name)) {
      draft.put(new PrincipalUidRow(draft.newUid(name.kind().isSet()), name, draft.atMicros()));
    }
  }

  private static Refusal exists(PrincipalName name) {
    return Refusal.ofName(
        Fault.ALREADY_EXISTS,
        "principal `" + name + "` exists already",
        "principal",
        name.toString());
  }

  /** The refusal that says that a principal is not there. */
  static Refusal notFound(PrincipalName name) {
    return Refusal.ofName(
        Fault.NOT_FOUND, "principal `" + name + "` is not found", "principal", name.toString());
  }

  private static void requireRecordable(PrincipalName name) {
    switch (name.kind()) {
      case USER, SERVICE_ACCOUNT, APP, GROUP -> {
        // These have records.
      }
      default ->
          throw Refusal.ofField(
                  Fault.KIND_NOT_ALLOWED,
                  "principal",
                  name.toString(),
                  "a user, serviceAccount, app or group")
              .asException();
    }
  }

  private void markGroup(PrincipalRow row) {
    if (row.name().kind() == PrincipalKind.GROUP) {
      InactiveGroupRow mark = new InactiveGroupRow(row.uid());
      if (row.state() == State.ACTIVE) {
        if (draft.isInactiveGroup(row.uid())) {
          draft.delete(mark);
        }
      } else {
        draft.put(mark);
      }
    }
  }
}
