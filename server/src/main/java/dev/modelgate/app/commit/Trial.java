package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.InitializeOrganization;
import dev.modelgate.app.sharing.Command.RegisterOrganization;
import dev.modelgate.app.sharing.SystemRules;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Uid;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.NoRows;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Replica;
import dev.modelgate.store.UndecodableException;
import java.util.List;
import java.util.Optional;

/**
 * Works out what a command would change, by the rules and in the words of {@link
 * OrganizationCommitter}, and changes nothing: it takes no lock, stages nothing, remembers no
 * request. Thread-safe; blocks for reads.
 *
 * <p>It judges in a published state; what is staged above that is not in it.
 */
public final class Trial {
  private static final String SYSTEM_ID = "system";

  private final Repeats repeats;

  /**
   * Trials over a replica.
   *
   * @param replica where requests are remembered
   */
  public Trial(Replica replica) {
    this.repeats = new Repeats(replica);
  }

  /**
   * What the command would change, one mutation per row; empty when everything is so already, or
   * when the same request was committed before. For an organization that would be created, its
   * first rows.
   *
   * @param state retained by the caller
   * @param organizationId as for {@link Committer#commit}; not looked at for a creation
   * @param nowMicros the time at which the command would have been received
   * @throws dev.modelgate.model.RefusedException exactly what committing it to that state at that
   *     time is refused for, but for what only appending can fail with
   */
  public List<Mutation> mutations(
      Published state, String organizationId, Order order, Command command, long nowMicros) {
    if (command instanceof InitializeOrganization creation) {
      return creation(state, order, creation, nowMicros);
    }
    return mutations(
        Admission.open(state, organizationId, order), state, order, command, nowMicros);
  }

  private List<Mutation> mutations(
      OrgState org, Published state, Order order, Command command, long nowMicros) {
    Admission.requireStanding(order.requester());
    try {
      if (repeats.done(org, Admission.actor(order.requester()), order).isPresent()) {
        return List.of();
      }
      OrgView view = state.view(org);
      long at = Math.max(nowMicros, Micros.of(view.head().at()));
      List<Mutation> mutations = Validation.validate(org, view, order, command, at);
      Admission.requireFits(
          LogRecord.of(Admission.changeSet(org, view.head(), order, mutations, at)));
      return mutations;
    } catch (UndecodableException e) {
      throw Admission.restricted(org.id()).asException();
    }
  }

  /** As {@link OrganizationCreation}: first the record in {@code system}, then the first rows. */
  private List<Mutation> creation(
      Published state, Order order, InitializeOrganization command, long nowMicros) {
    OrganizationCreation.requireCreatable(command, order);
    String id = command.organizationId();
    Optional<OrgState> there = state.organization(id);
    if (there.isEmpty() || there.get().isInitialized()) {
      OrgState system = Admission.open(state, SYSTEM_ID, order);
      mutations(system, state, order, new RegisterOrganization(id), nowMicros);
    }
    return there.isPresent()
        ? mutations(Admission.open(state, id, order), state, order, command, nowMicros)
        : SystemRules.initialize(new NoRows(Uid.NONE), order.requester(), command, nowMicros);
  }
}
