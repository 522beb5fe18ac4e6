package dev.modelgate.app.commit;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.Recent;
import dev.modelgate.store.Replica;
import dev.modelgate.store.Revision;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the change that a request made when it came the first time (hazard 20). A request is what
 * one actor sends to one organization under one id; another command under that id is refused, and
 * one that has left the window is never executed.
 */
final class Repeats {
  private final Replica replica;

  Repeats(Replica replica) {
    this.replica = replica;
  }

  /**
   * The change set of the same request that waits for its sync.
   *
   * @throws dev.modelgate.model.RefusedException REQUEST_ID_REUSED
   */
  Optional<ChangeSet> staged(Staging staging, Actor actor, Order order) {
    Optional<ChangeSet> staged =
        order.requestId().isPresent() ? staging.find(actor, order.requestId()) : Optional.empty();
    staged.ifPresent(changeSet -> requireSame(order, changeSet.commandDigest()));
    return staged;
  }

  /**
   * The outcome of the same request that is durable.
   *
   * @throws dev.modelgate.model.RefusedException REQUEST_ID_REUSED, REVISION_INVALID,
   *     REVISION_OTHER_LINEAGE, REQUEST_EXPIRED
   */
  Optional<Outcome> done(OrgState org, Actor actor, Order order) {
    if (!order.requestId().isPresent()) {
      return Optional.empty();
    }
    Optional<Recent> recent = replica.recent(org.uid(), actor, order.requestId());
    if (recent.isPresent()) {
      requireSame(order, recent.get().commandDigest());
      long version = recent.get().version();
      Optional<ChangeSet> changeSet =
          replica.read(org.uid(), version).map(record -> ChangeSetCodec.decode(record.stored()));
      Revision revision = new Revision(org.revision().lineage(), org.uid(), version);
      return Optional.of(new Outcome(revision, changeSet));
    }
    if (!order.baseRevision().isEmpty()) {
      requireWithinWindow(org, order);
    }
    return Optional.empty();
  }

  private void requireWithinWindow(OrgState org, Order order) {
    String token = order.baseRevision();
    Revision base =
        Revision.parse(token)
            .orElseThrow(
                () ->
                    Refusal.ofField(
                            Fault.REVISION_INVALID,
                            "base_revision",
                            token,
                            "a revision of an earlier answer")
                        .asException());
    if (base.lineage() != org.revision().lineage() || !base.org().equals(org.uid())) {
      throw Refusal.ofField(
              Fault.REVISION_OTHER_LINEAGE,
              "base_revision",
              token,
              "a revision of this organization's history")
          .asException();
    }
    if (base.version() < replica.recentSince(org.uid())) {
      throw new Refusal(
              Fault.REQUEST_EXPIRED,
              "the request is not of the last "
                  + Replica.RECENT_HOURS
                  + " hours; it was not executed, look at the state",
              "base_revision",
              Map.of("requestId", order.requestId().text(), "baseRevision", token))
          .asException();
    }
  }

  private static void requireSame(Order order, byte[] commandDigest) {
    if (!Arrays.equals(order.commandDigest(), commandDigest)) {
      throw new Refusal(
              Fault.REQUEST_ID_REUSED,
              "request_id: `" + order.requestId().text() + "` was another request",
              "request_id",
              Map.of("requestId", order.requestId().text()))
          .asException();
    }
  }
}
