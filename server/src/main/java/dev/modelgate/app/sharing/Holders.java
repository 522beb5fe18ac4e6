package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.row.PrincipalRow;
import java.util.Optional;

/**
 * The principals that type rights and deny rules name, by identity (hazard 13): accounts, groups
 * and the organization; deny rules also links, and whomever else a grant can reach. An unknown
 * account of an open directory gets its record by being named; groups and service accounts must
 * exist before (hazard 14).
 */
final class Holders {
  private final Draft draft;

  Holders(Draft draft) {
    this.draft = draft;
  }

  /**
   * The identity behind a name, made if need be.
   *
   * @param field the request's field, for a refusal
   * @throws dev.modelgate.model.RefusedException KIND_NOT_ALLOWED, UNKNOWN_PRINCIPAL,
   *     RECIPIENT_INACTIVE for a deleted one
   */
  Uid named(String field, PrincipalName name) {
    boolean fits =
        switch (name.kind()) {
          case USER, SERVICE_ACCOUNT, APP, GROUP, ORGANIZATION -> true;
          default -> false;
        };
    if (!fits) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED,
              field,
              name.toString(),
              "a user, serviceAccount, app or group, or the organization")
          .asException();
    }
    return uid(field, name);
  }

  /**
   * The same for whomever a check can find denied: links too, and where grants reach further than
   * the organization, everybody whom they reach.
   */
  Uid reachable(String field, PrincipalName name) {
    boolean open = draft.profile().switches().isolation() == Switches.Isolation.OPEN;
    boolean fits =
        switch (name.kind()) {
          case USER, SERVICE_ACCOUNT, APP, GROUP, ORGANIZATION, LINK -> true;
          case DOMAIN, ALL_AUTHENTICATED_USERS, ALL_USERS -> open;
          case ANONYMOUS -> false;
        };
    if (!fits) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED,
              field,
              name.toString(),
              "somebody whom grants of the profile `" + draft.profile().name() + "` reach")
          .asException();
    }
    return uid(field, name);
  }

  private Uid uid(String field, PrincipalName name) {
    Optional<Uid> uid = draft.uidOf(name);
    boolean open = draft.profile().switches().directory() == Switches.Directory.OPEN;
    if (uid.isEmpty() && !(open && name.kind().mayBeUnknown())) {
      throw Refusal.ofField(
              Fault.UNKNOWN_PRINCIPAL, field, name.toString(), "a principal of the organization")
          .asException();
    }
    return uid.orElseGet(() -> draft.admit(field, name).uid());
  }

  /**
   * Refuses a principal that is disabled.
   *
   * @throws dev.modelgate.model.RefusedException RECIPIENT_INACTIVE
   */
  void requireActive(String field, PrincipalName name) {
    Optional<PrincipalRow> row = draft.rows().principal(name);
    if (row.isPresent() && row.get().state() != PrincipalRow.State.ACTIVE) {
      throw Refusal.ofField(Fault.RECIPIENT_INACTIVE, field, name.toString(), "an active principal")
          .asException();
    }
  }
}
