package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Rules;
import dev.modelgate.app.sharing.SystemRules;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.SettingsRow;
import java.util.List;

/** Which rules work out a command. */
final class Validation {
  private Validation() {}

  static List<Mutation> validate(
      OrgState org, OrgView head, Order order, Command command, long atMicros) {
    if (command instanceof Command.SystemCommand system) {
      return SystemRules.apply(head, order.requester(), order.reason(), system, atMicros);
    }
    if (command instanceof Command.InitializeOrganization initialize) {
      return SystemRules.initialize(head, order.requester(), initialize, atMicros);
    }
    // The reserved organization has changes of its own, and neither settings nor a profile.
    if (head.head().version() == 0 || org.uid().equals(Uid.SYSTEM)) {
      throw SystemRules.notFound(org.id()).asException();
    }
    // By the profile at the head: one that is staged holds for what is staged above it.
    OrgRows rows = new OrgRows(head);
    SettingsRow settings =
        rows.settings()
            .orElseThrow(
                () -> new IllegalStateException(org.id() + " has a version without settings"));
    return Rules.apply(
        org.id(),
        head,
        org.profileAt(rows, settings),
        order.requester(),
        order.reason(),
        command,
        atMicros);
  }
}
