package dev.modelgate.app.sharing;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.SuspensionRow;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Switching off at once and on again: with {@code delete} on a resource, with administration of the
 * organization a principal. Resuming needs at least the authority that suspended (hazard 34).
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
      if (command.suspend()) {
        rights.require(name, Operation.SUSPEND);
      } else {
        rights.requireToResume(name);
      }
    }
    set(SuspensionRow.Target.RESOURCE, uid, command.suspend());
  }

  /** A higher authority takes a suspension over, so that a lower one cannot end it (hazard 34). */
  private void set(SuspensionRow.Target target, Uid uid, boolean suspend) {
    if (!suspend) {
      end(target, uid);
      return;
    }
    Optional<SuspensionRow> old = draft.rows().suspension(target, uid);
    SuspensionRow.Authority mine = authority();
    if (old.isEmpty() || old.get().authority().compareTo(mine) < 0) {
      draft.put(new SuspensionRow(target, uid, draft.atMicros(), rights.actorUid(), reason, mine));
    }
  }

  /**
   * Ends a suspension, if there is one.
   *
   * @throws dev.modelgate.model.RefusedException NOT_PERMITTED for a lower authority
   */
  void end(SuspensionRow.Target target, Uid uid) {
    Optional<SuspensionRow> old = draft.rows().suspension(target, uid);
    if (old.isPresent()) {
      requireAtLeast(old.get().authority(), authority());
      draft.delete(old.get());
    }
  }

  /**
   * Refuses to end what a principal, or a group that it is in, passes on of a suspension by a
   * higher authority.
   *
   * @throws dev.modelgate.model.RefusedException NOT_PERMITTED
   */
  void requireMayResume(Uid principal) {
    Set<Uid> seen = new HashSet<>(Set.of(principal));
    Deque<Uid> above = new ArrayDeque<>(seen);
    while (!above.isEmpty()) {
      Uid next = above.remove();
      draft
          .rows()
          .suspension(SuspensionRow.Target.PRINCIPAL, next)
          .ifPresent(row -> requireAtLeast(row.authority(), authority()));
      draft
          .rows()
          .eachGroupOf(
              next,
              group -> {
                if (seen.add(group)) {
                  above.add(group);
                }
                return true;
              });
    }
  }

  private SuspensionRow.Authority authority() {
    if (rights.isSystemAdministrator()) {
      return SuspensionRow.Authority.SYSTEM;
    }
    return rights.isAdministrator()
        ? SuspensionRow.Authority.ORGANIZATION
        : SuspensionRow.Authority.RESOURCE;
  }

  private void requireAtLeast(SuspensionRow.Authority needed, SuspensionRow.Authority mine) {
    if (mine.compareTo(needed) < 0) {
      boolean system = needed == SuspensionRow.Authority.SYSTEM;
      throw Refusal.notPermitted(
              "it was suspended by "
                  + (system ? "the system administrator" : "an organization administrator")
                  + ", who alone resumes it",
              rights.actorText(),
              system ? "systemAdministrator" : "administrator",
              ResourceName.ofOrganization(draft.organizationId()).text(),
              "")
          .asException();
    }
  }
}
