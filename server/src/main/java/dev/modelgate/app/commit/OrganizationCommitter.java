package dev.modelgate.app.commit;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.sharing.Rights;
import dev.modelgate.app.sharing.SystemRules;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ChangeLog;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.NotAppendedException;
import dev.modelgate.store.Recent;
import dev.modelgate.store.Replica;
import dev.modelgate.store.Revision;
import dev.modelgate.store.StoreException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Commits commands: one at a time per organization is validated over the published state and what
 * is staged above it, staged as the next version and appended; the lock is not held while the log
 * syncs (hazard 23).
 *
 * <p>Every answer waits for the sync of what it was computed over, a refusal too (hazard 22).
 */
public final class OrganizationCommitter implements Committer {
  private final Publication publication;
  private final Replica replica;
  private final ChangeLog changeLog;
  private final MonotoneClock clock;
  private final Map<Uid, Staging> stagings = new ConcurrentHashMap<>();

  /**
   * Commits to that log.
   *
   * @param replica where requests are remembered and change sets can be read again
   */
  public OrganizationCommitter(
      Publication publication, Replica replica, ChangeLog changeLog, MonotoneClock clock) {
    this.publication = publication;
    this.replica = replica;
    this.changeLog = changeLog;
    this.clock = clock;
  }

  /**
   * Forgets everything staged; the log calls this when it is fenced, before it fails what was
   * appended.
   */
  public void onFenced() {
    stagings.values().forEach(Staging::fence);
  }

  @Override
  public CompletionStage<Outcome> commit(String organizationId, Order order, Command command) {
    try {
      Published seen = publication.current();
      OrgState org =
          seen.organization(organizationId)
              .orElseThrow(() -> notFound(organizationId).asException());
      if (org.isRestricted()) {
        throw restricted(organizationId).asException();
      }
      if (!order.requester().isSystemAdministrator() && seen.isOrganizationSuspended(org.uid())) {
        throw Rights.suspended("organization", organizationId, order.requester()).asException();
      }
      Staging staging = stagings.computeIfAbsent(org.uid(), uid -> new Staging());
      return stage(staging, organizationId, order, command);
    } catch (RefusedException e) {
      return CompletableFuture.failedFuture(e);
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(unavailable().asException());
    }
  }

  private CompletionStage<Outcome> stage(Staging staging, String id, Order order, Command command) {
    staging.lock(command instanceof Command.ImportItems || command instanceof Command.Sweep);
    long logEpoch = changeLog.epoch(); // Before the state is read: a recovery in between refuses.
    try {
      return publication.retained(state -> stage(staging, state, logEpoch, id, order, command));
    } finally {
      staging.unlock();
    }
  }

  private CompletionStage<Outcome> stage(
      Staging staging, Published state, long logEpoch, String id, Order order, Command command) {
    OrgState org = state.organization(id).orElseThrow();
    StagedView view = staging.over(state.view(org));
    Actor actor = actor(order.requester());
    Optional<Outcome> repeated;
    List<Mutation> mutations;
    long at = Math.max(clock.nowMicros(), Micros.of(view.head().at()));
    clock.notBefore(at);
    try {
      repeated = repeated(staging, org, actor, order);
      if (repeated.isPresent()) {
        return whenDurable(staging, repeated.get());
      }
      mutations = Validation.validate(org, view, order, command, at);
    } catch (RefusedException e) {
      return refuseWhenDurable(staging, e);
    }
    if (mutations.isEmpty() && !order.requestId().isPresent()) {
      Revision revision = new Revision(org.revision().lineage(), org.uid(), view.head().version());
      return whenDurable(staging, new Outcome(revision, Optional.empty()));
    }
    ChangeSet changeSet =
        new ChangeSet(
            org.uid(),
            view.head().version(),
            view.head().digest(),
            actor,
            order.requestId(),
            order.requestId().isPresent() ? order.commandDigest() : new byte[0],
            Micros.toInstant(at),
            order.reason(),
            mutations);
    LogRecord record = LogRecord.of(changeSet);
    if (record.stored().length > ChangeSet.ENCODED_BYTES_MAX) {
      Refusal tooLong =
          Refusal.ofSize("change", record.stored().length, ChangeSet.ENCODED_BYTES_MAX);
      return refuseWhenDurable(staging, tooLong.asException());
    }
    return append(staging, org, logEpoch, changeSet, record);
  }

  private CompletionStage<Outcome> append(
      Staging staging, OrgState org, long logEpoch, ChangeSet changeSet, LogRecord record) {
    Revision revision = new Revision(org.revision().lineage(), org.uid(), changeSet.version());
    Revision base = new Revision(org.revision().lineage(), org.uid(), changeSet.baseVersion());
    long epoch = staging.stage(changeSet, record);
    Outcome outcome = new Outcome(revision, Optional.of(changeSet));
    return changeLog
        .append(record, logEpoch)
        .handle(
            (position, failure) -> {
              staging.settle(epoch, changeSet.version(), failure != null);
              if (failure != null) {
                throw asRefusal(failure, changeSet, base).asException();
              }
              return outcome;
            });
  }

  /** The outcome of the same request made before, durable or still staged (hazard 20). */
  private Optional<Outcome> repeated(Staging staging, OrgState org, Actor actor, Order order) {
    if (!order.requestId().isPresent()) {
      return Optional.empty();
    }
    Optional<ChangeSet> staged = staging.find(actor, order.requestId());
    if (staged.isPresent()) {
      requireSame(order, staged.get().commandDigest());
      return Optional.of(outcome(org, staged.get()));
    }
    Optional<Recent> recent = replica.recent(org.uid(), actor, order.requestId());
    if (recent.isPresent()) {
      requireSame(order, recent.get().commandDigest());
      Optional<ChangeSet> done =
          replica
              .read(org.uid(), recent.get().version())
              .map(record -> ChangeSetCodec.decode(record.stored()));
      Revision revision = new Revision(org.revision().lineage(), org.uid(), recent.get().version());
      return Optional.of(new Outcome(revision, done));
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

  private static Outcome outcome(OrgState org, ChangeSet changeSet) {
    return new Outcome(
        new Revision(org.revision().lineage(), org.uid(), changeSet.version()),
        Optional.of(changeSet));
  }

  private CompletionStage<Outcome> whenDurable(Staging staging, Outcome outcome) {
    return staging.isEmpty()
        ? CompletableFuture.completedFuture(outcome)
        : afterBarrier().thenApply(done -> outcome);
  }

  private CompletionStage<Outcome> refuseWhenDurable(Staging staging, RefusedException refused) {
    return staging.isEmpty()
        ? CompletableFuture.failedFuture(refused)
        : afterBarrier()
            .thenApply(
                done -> {
                  throw refused;
                });
  }

  private CompletionStage<?> afterBarrier() {
    return changeLog
        .barrier()
        .handle(
            (position, failure) -> {
              if (failure != null) {
                throw unavailable().asException();
              }
              return position;
            });
  }

  private static Actor actor(Requester requester) {
    return new Actor(
        requester.credential(), requester.onBehalfOf().map(Object::toString).orElse(""));
  }

  private static Refusal asRefusal(Throwable failure, ChangeSet changeSet, Revision base) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof NotAppendedException) {
      return unavailable();
    }
    return new Refusal(
        Fault.OUTCOME_UNKNOWN,
        "the store failed while committing; ask again with the same request_id and this base_revision",
        "",
        Map.of("requestId", changeSet.requestId().text(), "baseRevision", base.token()));
  }

  private static Refusal unavailable() {
    return Refusal.of(
        Fault.STORE_UNAVAILABLE, "the store takes no changes at the moment; nothing was changed");
  }

  private static Refusal restricted(String organizationId) {
    return new Refusal(
        Fault.ORGANIZATION_RESTRICTED,
        "organization `" + organizationId + "` cannot be read safely and takes no changes",
        "",
        Map.of("organization", "organizations/" + organizationId));
  }

  private static Refusal notFound(String organizationId) {
    return SystemRules.notFound(organizationId);
  }
}
