package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Rules;
import dev.modelgate.app.sharing.SystemRules;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgView;
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
    if (head.head().version() == 0) {
      throw SystemRules.notFound(org.id()).asException();
    }
    return Rules.apply(
        org.id(), head, profile(org), order.requester(), order.reason(), command, atMicros);
  }

  private static Profile profile(OrgState org) {
    return org.compiled()
        .orElseThrow(
            () ->
                Refusal.of(Fault.CONFLICT, "organization `" + org.id() + "` is just being made")
                    .with("organization", "organizations/" + org.id())
                    .asException());
  }
}
