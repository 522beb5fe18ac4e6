package dev.modelgate.app.commit;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import dev.modelgate.store.BulkLoad;
import dev.modelgate.store.ChangeLog;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.NotAppendedException;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Replica;
import dev.modelgate.store.Revision;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.store.Urgency;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Commits commands: one at a time per organization is validated over the published state and what
 * is staged above it, staged as the next version and appended; the lock is not held while the log
 * syncs (hazard 23).
 *
 * <p>Every answer waits for the sync of what it was computed over, a refusal too (hazard 22).
 */
public final class OrganizationCommitter implements Committer {
  /** Whoever lost his connection may come again before the server has noticed that he was gone. */
  private static final long LOADED_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Publication publication;
  private final Replica replica;
  private final ChangeLog changeLog;
  private final MonotoneClock clock;
  private final Repeats repeats;
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
    this.repeats = new Repeats(replica);
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
      return stageOrRestrict(Admission.open(seen, organizationId, order), order, command);
    } catch (RefusedException e) {
      return CompletableFuture.failedFuture(e);
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(unavailable().asException());
    }
  }

  /**
   * Has one caller fill an organization that is registered and has nothing yet. Until the load is
   * closed, nobody else can begin it; waits 5 s at most for one that is about to be.
   *
   * @return empty when the organization has begun, or the store has nothing quicker than its log at
   *     the moment
   * @throws RefusedException as {@link #commit}; STORE_UNAVAILABLE also while somebody else fills
   *     it
   */
  public Optional<OrganizationLoad> load(String organizationId, Order order) {
    OrgState org = Admission.open(publication.current(), organizationId, order);
    Staging staging = stagings.computeIfAbsent(org.uid(), uid -> new Staging());
    staging.lock(false);
    try {
      staging.awaitLoaded(LOADED_WAIT_NANOS);
      if (staging.isLoading()) {
        throw beingImported(organizationId).asException();
      }
      return staging.isEmpty() ? begun(org, staging) : Optional.empty();
    } catch (StoreException e) {
      throw unavailable().asException();
    } finally {
      staging.unlock();
    }
  }

  private Optional<OrganizationLoad> begun(OrgState org, Staging staging) {
    long epoch = changeLog.epoch(); // Before the load: a recovery in between voids it.
    Optional<BulkLoad> load = replica.load(org.uid());
    try {
      Optional<OrganizationLoad> begun =
          load.map(
              files ->
                  new OrganizationLoad(
                      publication, changeLog, clock, org, epoch, files, () -> loaded(staging)));
      staging.setLoading(begun.isPresent());
      return begun;
    } catch (Throwable e) {
      load.ifPresent(BulkLoad::close);
      throw e;
    }
  }

  private static Refusal beingImported(String organizationId) {
    return Refusal.of(
        Fault.STORE_UNAVAILABLE,
        "organization `" + organizationId + "` is being imported; try again when that has ended");
  }

  private static void loaded(Staging staging) {
    staging.lock(false);
    staging.setLoading(false);
    staging.unlock();
  }

  /** Stages; a row that is none that this version writes restricts the organization (hazard 12). */
  private CompletionStage<Outcome> stageOrRestrict(OrgState org, Order order, Command command) {
    Staging staging = stagings.computeIfAbsent(org.uid(), uid -> new Staging());
    try {
      return stage(staging, org.id(), order, command);
    } catch (UndecodableException e) {
      publication.restrict(org.uid(), String.valueOf(e.getMessage()));
      throw Admission.restricted(org.id()).asException();
    }
  }

  private CompletionStage<Outcome> stage(Staging staging, String id, Order order, Command command) {
    staging.lock(urgency(command) == Urgency.PATIENT);
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
    OrgView published = state.view(org);
    OrgView view =
        command instanceof Command.ImportItems
            ? staging.overForImport(published)
            : staging.over(published);
    Actor actor = Admission.actor(order.requester());
    List<Mutation> mutations;
    long at = Math.max(clock.nowMicros(), Micros.of(view.head().at()));
    clock.notBefore(at);
    try {
      Admission.requireStanding(order.requester());
      Optional<ChangeSet> staged = repeats.staged(staging, actor, order);
      if (staged.isPresent()) {
        return whenDurable(org, staged.get());
      }
      Optional<Outcome> done = repeats.done(org, actor, order);
      if (done.isPresent()) {
        return whenPublished(org, done.get());
      }
      if (staging.isLoading() && command instanceof Command.InitializeOrganization) {
        throw beingImported(org.id()).asException();
      }
      mutations = Validation.validate(org, view, order, command, at);
    } catch (RefusedException e) {
      return refuseWhenDurable(staging, org, e);
    }
    if (mutations.isEmpty() && !order.requestId().isPresent()) {
      Revision revision = revision(org, view.head().version());
      return whenDurable(staging, org, new Outcome(revision, Optional.empty()));
    }
    ChangeSet changeSet = Admission.changeSet(org, view.head(), order, mutations, at);
    LogRecord record = LogRecord.of(changeSet);
    try {
      Admission.requireFits(record);
    } catch (RefusedException e) {
      return refuseWhenDurable(staging, org, e);
    }
    return append(staging, org, logEpoch, changeSet, record, urgency(command));
  }

  private CompletionStage<Outcome> append(
      Staging staging,
      OrgState org,
      long logEpoch,
      ChangeSet changeSet,
      LogRecord record,
      Urgency urgency) {
    long epoch = staging.stage(changeSet, record);
    Outcome outcome = outcome(org, changeSet);
    return changeLog
        .append(record, logEpoch, urgency)
        .handle(
            (position, failure) -> {
              staging.settle(epoch, changeSet.version(), failure != null);
              if (failure != null) {
                throw asRefusal(failure, org, changeSet).asException();
              }
              return outcome;
            });
  }

  /** What is part of something long lets everything else go first (hazard 23). */
  private static Urgency urgency(Command command) {
    return command instanceof Command.ImportItems || command instanceof Command.Sweep
        ? Urgency.PATIENT
        : Urgency.PRESSING;
  }

  private static Outcome outcome(OrgState org, ChangeSet changeSet) {
    return new Outcome(revision(org, changeSet.version()), Optional.of(changeSet));
  }

  private static Revision revision(OrgState org, long version) {
    return new Revision(org.revision().lineage(), org.uid(), version);
  }

  private CompletionStage<Outcome> whenDurable(Staging staging, OrgState org, Outcome outcome) {
    return staging.isEmpty()
        ? CompletableFuture.completedFuture(outcome)
        : afterBarrier(org, unavailable()).thenApply(done -> outcome);
  }

  /** The outcome of a change set that is staged: whatever stops the log leaves it unknown. */
  private CompletionStage<Outcome> whenDurable(OrgState org, ChangeSet changeSet) {
    return afterBarrier(org, unknown(org, changeSet)).thenApply(done -> outcome(org, changeSet));
  }

  /** The outcome of a durable change; a recovery finds changes before it has published them. */
  private static CompletionStage<Outcome> whenPublished(OrgState org, Outcome outcome) {
    return outcome.revision().version() <= org.head().version()
        ? CompletableFuture.completedFuture(outcome)
        : CompletableFuture.failedFuture(
            unknown(org, outcome.changeSet().orElseThrow()).asException());
  }

  private CompletionStage<Outcome> refuseWhenDurable(
      Staging staging, OrgState org, RefusedException refused) {
    return staging.isEmpty()
        ? CompletableFuture.failedFuture(refused)
        : afterBarrier(org, unavailable())
            .thenApply(
                done -> {
                  throw refused;
                });
  }

  private CompletionStage<?> afterBarrier(OrgState org, Refusal onFailure) {
    return changeLog
        .barrier(org.uid())
        .handle(
            (position, failure) -> {
              if (failure != null) {
                throw onFailure.asException();
              }
              return position;
            });
  }

  static Refusal asRefusal(Throwable failure, OrgState org, ChangeSet changeSet) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof NotAppendedException ? unavailable() : unknown(org, changeSet);
  }

  private static Refusal unknown(OrgState org, ChangeSet changeSet) {
    return new Refusal(
        Fault.OUTCOME_UNKNOWN,
        "the store failed while committing; ask again with the same request_id and this base_revision",
        "",
        Map.of(
            "requestId",
            changeSet.requestId().text(),
            "baseRevision",
            revision(org, changeSet.baseVersion()).token()));
  }

  static Refusal unavailable() {
    return Refusal.of(
        Fault.STORE_UNAVAILABLE, "the store takes no changes at the moment; nothing was changed");
  }
}
