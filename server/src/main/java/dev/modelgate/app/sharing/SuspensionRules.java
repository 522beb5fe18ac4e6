package dev.modelgate.app.sharing;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.SuspensionRow;
import java.util.Optional;

/**
 * Switching off at once and on again. Resuming needs the same right as suspending (hazard 34):
 * {@code delete} on a resource, administration of the organization for a principal.
 */
final class SuspensionRules {
  private final Draft draft;
  private final Rights rights;
  private final String reason;

  SuspensionRules(Draft draft, Rights rights, String reason) {
    this.draft = draft;
    this.rights = rights;
    this.reason = reason;
  }

  /** Suspends or resumes a principal; what is so already stays as it is. */
  void suspend(Command.SuspendPrincipal command) {
    rights.requireAdministrator();
    PrincipalName name = command.principal();
    PrincipalRow row =
        draft.rows().principal(name).orElseThrow(() -> PrincipalRules.notFound(name).asException());
    set(SuspensionRow.Target.PRINCIPAL, row.uid(), command.suspend());
  }

  /** Suspends or resumes a resource and everything below it. */
  void suspend(Command.SuspendResource command) {
    draft.requireOwn(command.resource());
    ResourceName name = command.resource();
    Uid uid =
        draft
            .rows()
            .resource(name.relativePath())
            .orElseThrow(() -> Rights.notFound(name).asException())
            .uid();
    if (!rights.isAdministrator()) {
      rights.require(name, Operation.SUSPEND);
    }
    set(SuspensionRow.Target.RESOURCE, uid, command.suspend());
  }

  private void set(SuspensionRow.Target target, Uid uid, boolean suspend) {
    Optional<SuspensionRow> old = draft.rows().suspension(target, uid);
    if (suspend && old.isEmpty()) {
      draft.put(new SuspensionRow(target, uid, draft.atMicros(), rights.actorUid(), reason));
    } else if (!suspend) {
      old.ifPresent(draft::delete);
    }
  }
}
