package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalRow.GroupType;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who can be shared with and who can own: by the kind of the resource, the directory, the group.
 */
final class Recipients {
  private final Draft draft;

  Recipients(Draft draft) {
    this.draft = draft;
  }

  /**
   * The identity behind a recipient, made if need be (hazard 14).
   *
   * @param inactiveToo whether a disabled one can receive
   * @throws RefusedException KIND_NOT_ALLOWED, UNKNOWN_PRINCIPAL, RECIPIENT_INACTIVE
   */
  Uid of(Kind kind, PrincipalName name, boolean inactiveToo) {
    boolean link = name.kind() == PrincipalKind.LINK; // Links are granted with their own command.
    if (link || !kind.sharing().recipients().contains(name.kind()) || isOutside(name)) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED,
              "principal",
              name.toString(),
              "for a "
                  + kind.name()
                  + " one of "
                  + kind.sharing().recipients().stream()
                      .map(PrincipalKind::prefix)
                      .sorted()
                      .toList())
          .asException();
    }
    Optional<Uid> uid = draft.uidOf(name);
    boolean open = draft.profile().switches().directory() == Switches.Directory.OPEN;
    if (uid.isEmpty()) {
      if (!open || !name.kind().mayBeUnknown()) {
        throw Refusal.ofField(
                Fault.UNKNOWN_PRINCIPAL,
                "principal",
                name.toString(),
                "a principal of the organization")
            .asException();
      }
      return draft.admit("principal", name).uid();
    }
    Optional<PrincipalRow> row = draft.last().principal(name);
    if (!inactiveToo && row.isPresent() && row.get().state() != PrincipalRow.State.ACTIVE) {
      throw Refusal.ofField(
              Fault.RECIPIENT_INACTIVE, "principal", name.toString(), "an active principal")
          .asException();
    }
    requireGroup(
        "principal",
        name,
        draft.profile().groups().recipients(),
        "a group that may receive grants");
    return uid.get();
  }

  /**
   * Refuses a group that may not own.
   *
   * @throws RefusedException KIND_NOT_ALLOWED
   */
  void requireMayOwn(String field, PrincipalName name) {
    requireGroup(
        field, name, draft.profile().groups().owners(), "an account or a group that may own");
  }

  /**
   * Refuses a group that may not hold type rights.
   *
   * @throws RefusedException KIND_NOT_ALLOWED
   */
  void requireMayHoldTypeRights(String field, PrincipalName name) {
    requireGroup(
        field,
        name,
        draft.profile().groups().holders(),
        "an account or a group that may hold rights");
  }

  private void requireGroup(
      String field, PrincipalName name, Set<String> subtypes, String expected) {
    Optional<PrincipalRow> group =
        draft.last().principal(name).filter(row -> row.groupType() != GroupType.NONE);
    if (group.isPresent()
        && !subtypes.contains(group.get().groupType().name().toLowerCase(Locale.ROOT))) {
      throw Refusal.ofField(Fault.KIND_NOT_ALLOWED, field, name.toString(), expected).asException();
    }
  }

  private boolean isOutside(PrincipalName name) {
    boolean reachesOut =
        name.kind() == PrincipalKind.ALL_USERS
            || name.kind() == PrincipalKind.ALL_AUTHENTICATED_USERS
            || name.kind() == PrincipalKind.DOMAIN;
    return reachesOut && draft.profile().switches().isolation() == Switches.Isolation.CLOSED;
  }
}
