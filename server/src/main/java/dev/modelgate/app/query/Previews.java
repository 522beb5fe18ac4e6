package dev.modelgate.app.query;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.commit.Trial;
import dev.modelgate.app.query.PreviewWalk.Position;
import dev.modelgate.app.query.PreviewWalk.Sides;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.NoRows;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.Replica;
import dev.modelgate.store.row.OrgRows;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * Answers who would gain and who would lose what by a mutation, and changes nothing. Thread-safe;
 * blocks for reads.
 *
 * <p>The mutation is worked out by its rules against one published state; its changes are laid over
 * that, and whatever they can bear on is decided on both sides, from the rows and never from a
 * cache.
 */
public final class Previews {
  private final Reader reader;
  private final Trial trial;
  private final ConditionLanguage language;
  private final LongSupplier nanoTime;

  /**
   * Previews over a publication.
   *
   * @param replica where requests are remembered
   */
  public Previews(
      Publication publication, Replica replica, MonotoneClock clock, ConditionLanguage language) {
    this(publication, replica, clock, language, System::nanoTime);
  }

  /** The same with another clock for the time that a page takes, in nanoseconds. */
  public Previews(
      Publication publication,
      Replica replica,
      MonotoneClock clock,
      ConditionLanguage language,
      LongSupplier nanoTime) {
    this.reader = new Reader(publication, clock);
    this.trial = new Trial(replica);
    this.language = language;
    this.nanoTime = nanoTime;
  }

  /**
   * One page of what a mutation would change. Looks at no more than {@value PreviewWalk#PAIRS_MAX}
   * pairs of a principal and a resource, and ends early behind {@value PreviewWalk#PAGE_MS_MAX} ms.
   *
   * @throws RefusedException exactly what the mutation would be refused for now; PAGE_TOKEN_INVALID
   */
  public PreviewPage preview(PreviewQuery query, PageRequest page) {
    return reader.readAll(state -> preview(state, query, page));
  }

  private PreviewPage preview(Published state, PreviewQuery query, PageRequest page) {
    long now = reader.nowMicros();
    List<Mutation> mutations =
        trial.mutations(state, query.organizationId(), query.order(), query.command(), now);
    String id = concerned(query);
    Optional<OrgState> org = state.organization(id);
    // One that is not there yet has no revision of its own.
    OrgState listed = org.orElse(state.system());
    PageScope scope = PageScope.of(listed, "Preview", query.parameters());
    Continuation<Position> continuation =
        new Continuation<>(listed, scope, page.token(), now, Position::read);
    if (mutations.isEmpty() || org.filter(OrgState::isRestricted).isPresent()) {
      return PreviewPage.empty(listed.token());
    }
    Sides sides = sides(state, id, org, query.command(), mutations);
    Optional<Reading> reading =
        query.order().requester().isSystemAdministrator()
            ? Optional.empty()
            : Optional.of(reader.open(state, id, query.order().requester()));
    TreeSet<String> actions = new TreeSet<>(sides.before().actions());
    actions.addAll(sides.after().actions());
    AccessComparison comparison = new AccessComparison(language, query.context(), actions, now);
    return new PreviewWalk(listed, reading, sides, comparison, continuation, page, nanoTime).page();
  }

  /** The organization in which access can change. */
  private static String concerned(PreviewQuery query) {
    if (query.command() instanceof Command.SuspendOrganization suspend) {
      return suspend.organizationId();
    }
    return query.command() instanceof Command.InitializeOrganization creation
        ? creation.organizationId()
        : query.organizationId();
  }

  private static Sides sides(
      Published state,
      String id,
      Optional<OrgState> org,
      Command command,
      List<Mutation> mutations) {
    OrgView view = org.map(state::view).orElse(new NoRows(Uid.NONE));
    OrgRows rows = new OrgRows(view);
    ResourceName root = ResourceName.ofOrganization(id);
    boolean suspended = org.filter(it -> state.isOrganizationSuspended(it.uid())).isPresent();
    Side before = new Side(org, rows, suspended);
    if (command instanceof Command.SuspendOrganization) {
      Affected affected = new Affected(root, rows, rows, rows);
      affected.addEverything();
      affected.narrow();
      return new Sides(root, before, new Side(org, rows, !suspended), rows, affected);
    }
    Overlay changed = new Overlay(view);
    Overlay both = new Overlay(view);
    for (Mutation mutation : mutations) {
      changed.put(mutation);
      if (mutation instanceof Mutation.Put) {
        both.put(mutation);
      }
    }
    OrgRows after = new OrgRows(changed);
    OrgState made =
        org.filter(OrgState::isInitialized)
            .map(it -> it.with(after, mutations))
            .orElseGet(
                () ->
                    OrgState.first(
                        id, OrgHead.empty(Uid.NONE), state.system().revision().lineage(), after));
    Affected affected = new Affected(root, rows, after, new OrgRows(both));
    mutations.forEach(affected::add);
    affected.narrow();
    return new Sides(
        root, before, new Side(Optional.of(made), after, suspended), new OrgRows(both), affected);
  }
}
