package dev.modelgate.proof;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.app.check.Actions;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.check.Grounds;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.check.WatchOptions;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.OrganizationCommitter;
import dev.modelgate.app.commit.OrganizationLoad;
import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.commit.Sweeper;
import dev.modelgate.app.query.Lookups;
import dev.modelgate.app.query.Previews;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Etag;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.LiveState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.Uid;
import dev.modelgate.store.AppendLimits;
import dev.modelgate.store.EmbeddedChangeLog;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Position;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.Replica;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.PrincipalUidRow;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** The sidecar without its edges, wired as {@code Sidecar} wires it, over an empty replica. */
final class Bed implements AutoCloseable {
  static final String DEFAULT_PARENT = "organizations/acme/environments/prod";

  /** It knows texts alone, so one serves all histories; making it costs as much as many answers. */
  private static final ConditionLanguage CONDITIONS = new CelConditions();

  private final LiveState state;
  private final EmbeddedChangeLog changeLog;
  private final OrganizationCommitter committer;
  private final CachingAuthorizer authorizer;
  private final MonotoneClock clock;
  private final Counts counts = new Counts();
  private final Sweeper sweeper;
  private final Lookups lookups;
  private final Previews previews;
  private final Replica replica;
  private final ConditionLanguage language;
  private final Stamps stamps;
  private final List<AccessWatches> watches = new ArrayList<>();

  /**
   * Wires it.
   *
   * @param recheckEvery one in how many hits is rechecked; 0 for none, so that nothing repairs what
   *     a negative control breaks
   */
  Bed(Replica replica, Stamps stamps, Clock wall, int recheckEvery) {
    this(replica, stamps, wall, recheckEvery, AppendLimits.DEFAULT);
  }

  /** As the other, with bounds of the log. */
  Bed(Replica replica, Stamps stamps, Clock wall, int recheckEvery, AppendLimits limits) {
    this(replica, stamps, wall, recheckEvery, limits, CONDITIONS);
  }

  /** As the other, with a language of conditions. */
  Bed(
      Replica replica,
      Stamps stamps,
      Clock wall,
      int recheckEvery,
      AppendLimits limits,
      ConditionLanguage language) {
    this.stamps = stamps;
    this.clock = new MonotoneClock(wall);
    this.state = new LiveState(replica, stamps);
    OrganizationCommitter[] fenced = new OrganizationCommitter[1];
    this.changeLog =
        new EmbeddedChangeLog(
            replica.identity(),
            position(replica),
            state,
            state::recover,
            () -> fenced[0].onFenced(),
            limits);
    this.committer = new OrganizationCommitter(state, replica, changeLog, clock);
    fenced[0] = committer;
    this.sweeper = new Sweeper(state, committer, clock, Duration.ZERO);
    this.lookups = new Lookups(state, clock, language);
    this.replica = replica;
    this.language = language;
    this.previews = new Previews(state, replica, clock, language);
    this.authorizer =
        new CachingAuthorizer(
            state,
            stamps,
            clock,
            new CheckOptions(DEFAULT_PARENT, 8L << 20, 2, 1_024, recheckEvery),
            language,
            counts);
  }

  /** Accesses to watch; its time goes on by {@link AccessWatches#tick} alone. */
  AccessWatches watches() {
    return watches(state, stamps, System::nanoTime);
  }

  /** As the other, over what a test puts in the place of the rules. */
  AccessWatches watches(Publication publication, Stamps compared, LongSupplier nanoTime) {
    AccessWatches made =
        new AccessWatches(
            publication,
            compared,
            clock,
            authorizer,
            authorizer,
            new WatchOptions(2, 10_000, nanoTime),
            counts);
    watches.add(made);
    return made;
  }

  /** The stamps of what is published. */
  Stamps stamps() {
    return stamps;
  }

  /** What is published. */
  Publication publication() {
    return state;
  }

  /** What was seen of hits, misses and rechecks. */
  static final class Counts implements Telemetry {
    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();

    /** Misses that were begun where they were asked and had to go to the pool. */
    final LongAdder deferred = new LongAdder();

    final LongAdder rechecked = new LongAdder();
    final LongAdder mismatches = new LongAdder();

    /** Watched accesses that were evaluated again. */
    final LongAdder watched = new LongAdder();

    /** What lookups had to list. */
    final LongAdder looked = new LongAdder();

    @Override
    public void checked(boolean allowed, String reason, boolean hit, long nanos) {
      (hit ? hits : misses).increment();
    }

    @Override
    public void deferred() {
      deferred.increment();
    }

    @Override
    public void watchEvaluated() {
      watched.increment();
    }

    @Override
    public void rechecked() {
      rechecked.increment();
    }

    @Override
    public void recheckMismatch() {
      mismatches.increment();
    }
  }

  Counts counts() {
    return counts;
  }

  Lookups lookups() {
    return lookups;
  }

  Previews previews() {
    return previews;
  }

  /** Previews whose pages are timed by another clock. */
  Previews previews(LongSupplier nanoTime) {
    return new Previews(state, replica, clock, language, nanoTime);
  }

  /** The time that answers are given at. */
  long nowMicros() {
    return clock.nowMicros();
  }

  /** Opens the store again, as after a commit that failed. */
  void recover() {
    state.recover();
  }

  /** Waits until the log has recovered from a failed commit. */
  void awaitRecovery() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (changeLog.isFenced() && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  CompletionStage<Outcome> submit(String organizationId, Command command) {
    return submit(organizationId, Order.of(Requester.SYSTEM_ADMINISTRATOR), command);
  }

  CompletionStage<Outcome> submit(String organizationId, Order order, Command command) {
    return committer.commit(organizationId, order, command);
  }

  /** Begins to fill a registered organization in bulk. */
  OrganizationLoad load(String organizationId) {
    return committer.load(organizationId, Order.of(Requester.SYSTEM_ADMINISTRATOR)).orElseThrow();
  }

  /** Commits for the system administrator and waits; empty when it was accepted. */
  Optional<Refusal> commit(String organizationId, Command command) {
    return commit(organizationId, Requester.SYSTEM_ADMINISTRATOR, command);
  }

  /** Commits an order and waits; answers the revision. */
  String commit(String organizationId, Order order, Command command) {
    return committer
        .commit(organizationId, order, command)
        .toCompletableFuture()
        .join()
        .revision()
        .token();
  }

  /** The command, a policy with the etag of what it replaces. */
  Command withEtag(String organizationId, Command command) {
    if (!(command instanceof Command.SetPolicy set)) {
      return command;
    }
    return state.retained(
        published ->
            published
                .organization(organizationId)
                .map(published::rows)
                .flatMap(
                    rows ->
                        rows.resource(set.resource().relativePath())
                            .map(row -> Etag.ofGrants(rows, row.uid())))
                .<Command>map(
                    etag -> new Command.SetPolicy(set.resource(), set.grants(), set.form(), etag))
                .orElse(command));
  }

  /** Where the organization is. */
  OrgHead head(String organizationId) {
    return state.current().organization(organizationId).orElseThrow().head();
  }

  /** Hands records to the state as the log does. */
  void deliver(List<Positioned> records) {
    state.accept(records);
  }

  private static Position position(Replica replica) {
    StoreSnapshot snapshot = replica.snapshot();
    try {
      return snapshot.position();
    } finally {
      snapshot.release();
    }
  }

  /**
   * The command with the uid of whom it restores: of the last who bore the name and is deleted;
   * narrators know names only.
   */
  Command resolved(String organizationId, Command command) {
    if (!(command instanceof Command.RestorePrincipal restore)) {
      return command;
    }
    Uid uid =
        state.retained(
            published -> {
              Uid[] last = {Uid.NONE};
              published
                  .rows(published.organization(organizationId).orElseThrow())
                  .each(
                      Table.PRINCIPAL_UIDS,
                      new byte[0],
                      new byte[0],
                      (key, value) -> PrincipalUidRow.decode(value),
                      row -> {
                        if (row.isDeleted() && row.name().equals(restore.principal())) {
                          last[0] = row.uid();
                        }
                        return true;
                      });
              return last[0];
            });
    return new Command.RestorePrincipal(restore.principal(), uid);
  }

  /** Sweeps what deleted objects left behind; answers how many change sets that took. */
  int sweep() {
    try {
      return sweeper.sweep();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while sweeping", e);
    }
  }

  /** Commits and waits; empty when it was accepted. */
  Optional<Refusal> commit(String organizationId, Requester requester, Command command) {
    try {
      committer.commit(organizationId, Order.of(requester), command).toCompletableFuture().join();
      return Optional.empty();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        return Optional.of(refused.refusal());
      }
      throw e;
    }
  }

  /** Asks and waits; must be answered. */
  Answer ask(Question question) {
    try {
      return answer(question).join();
    } catch (CompletionException e) {
      throw new AssertionError("refused " + question, e.getCause());
    }
  }

  /** Lists what may be done. */
  Actions actions(Question question) {
    return authorizer.listActions(question);
  }

  /** Asks; fails with a {@link RefusedException} when there is no answer. */
  CompletableFuture<Answer> answer(Question question) {
    return answer(question, Optional.empty());
  }

  /** Asks; an answer that says what it stands on reads the clock before it looks at the cache. */
  CompletableFuture<Answer> answer(Question question, Optional<Grounds> grounds) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    authorizer.check(
        question,
        new AnswerSink() {
          @Override
          public void answered(Answer given) {
            answer.complete(given);
          }

          @Override
          public void refused(Refusal refusal) {
            answer.completeExceptionally(refusal.asException());
          }

          /** On a machine that does other things, too, rechecks alone may be an overload. */
          @Override
          public boolean isPatient() {
            return true;
          }

          @Override
          public Optional<Grounds> grounds() {
            return grounds;
          }
        });
    return answer;
  }

  @Override
  public void close() {
    sweeper.close();
    watches.forEach(AccessWatches::close);
    authorizer.close();
    changeLog.close();
    state.close();
  }
}
