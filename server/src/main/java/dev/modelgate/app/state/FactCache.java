package dev.modelgate.app.state;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.modelgate.app.state.FactKey.What;
import dev.modelgate.app.state.PathFacts.Level;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What evaluations have in common, kept from one to the next: who a caller is and in which groups,
 * the groups above a group, what is to know of a resource and its ancestors, the grants to sets of
 * accounts on each of them. A miss then looks up two facts, of its caller and of its path, and
 * reads the grants of its own pairs; how deep groups nest costs nothing.
 *
 * <p>A fact is believed as a cached answer is, by the stamps of what it was made from and never by
 * its age: it was read from no newer publication than the one that is evaluated, and nothing that
 * it depends on was changed since (hazards 1 to 3 and 5). A fact that is made from others depends
 * on all that they do. Evaluations note their dependencies themselves, wherever their facts come
 * from. Bounded in bytes; thread-safe.
 */
public final class FactCache {
  /**
   * The most that the grants to sets on one resource may weigh to be part of the path of each
   * resource below it, in bytes; heavier ones are looked up by themselves.
   */
  static final int SETS_IN_PATH_BYTES_MAX = 1_024;

  private static final FactKey NOBODY = new FactKey(Uid.NONE, What.SUBJECT, "", Uid.NONE);

  private final Stamps stamps;
  private final boolean remembers;
  private final Cache<FactKey, Fact> cache;
  private final Doorkeeper doorkeeper = new Doorkeeper();

  /**
   * An empty cache.
   *
   * @param stamps those that changes raise
   * @param bytesMax the weight of all facts, in bytes; 0 remembers nothing
   */
  public FactCache(Stamps stamps, long bytesMax) {
    this.stamps = stamps;
    this.remembers = bytesMax > 0;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(bytesMax)
            .weigher((FactKey key, Fact fact) -> 160 + key.name().length() + fact.weight())
            .executor(Runnable::run)
            .evictionListener((key, fact, cause) -> doorkeeper.full())
            .build();
  }

  /**
   * The facts of one organization in one publication, for one evaluation: not for several threads.
   *
   * @param rows those of the organization in that publication, which the caller retains for as long
   *     as this is used
   */
  public Lens at(Published state, OrgState org, OrgRows rows) {
    return new Lens(org, rows, state.sequence());
  }

  /** The weight of the facts at the moment, in bytes, about; for metrics. */
  public long bytes() {
    return cache.policy().eviction().map(eviction -> eviction.weightedSize().orElse(0)).orElse(0L);
  }

  /** Reads what is not remembered, and remembers it once it was read without a failure. */
  public final class Lens implements FactRows {
    private final OrgState org;
    private final OrgRows rows;
    private final long sequence;
    private Uid granted = Uid.NONE;
    private SetGrants onGranted = SetGrants.unknown(0);
    private FactKey callerKey = NOBODY;
    private @Nullable Fact caller;

    private Lens(OrgState org, OrgRows rows, long sequence) {
      this.org = org;
      this.rows = rows;
      this.sequence = sequence;
    }

    /** Gathers from these facts, and notes there what it looks at. */
    public Gathering gathering(Dependencies dependencies) {
      return new Gathering(org, rows, this, dependencies);
    }

    /**
     * A caller, with what that depends on noted.
     *
     * @param name as it was asked
     * @param names reads it, and refuses one that nobody can have
     */
    public Subject subject(
        String name, Function<String, PrincipalName> names, Dependencies dependencies) {
      FactKey key = new FactKey(org.uid(), What.SUBJECT, name, Uid.NONE);
      Fact fact = find(key);
      if (fact == null) {
        Dependencies own = new Dependencies(org.uid());
        Subject subject = gathering(own).subject(names.apply(name));
        Caller value = new Caller(subject, Granted.unknown());
        fact = keep(key, value, own.stripes(), 260 + 24 * subject.accounts().size());
      }
      callerKey = key;
      caller = fact;
      dependencies.addAll(fact.stripes(), fact.noted());
      return ((Caller) fact.value()).subject();
    }

    /**
     * A resource with its ancestors, with what that depends on noted. Remembered once nothing along
     * it waits for a walk.
     *
     * @param name as it was asked
     * @param names reads it, and refuses one that nothing can have
     * @param accounts how many accounts the caller has: who has many would read as many grants one
     *     by one on each resource where those to sets are not known
     * @throws dev.modelgate.model.RefusedException UNKNOWN_KIND
     */
    public PathFacts path(
        String name,
        Function<String, ResourceName> names,
        int accounts,
        Dependencies dependencies) {
      FactKey key = new FactKey(org.uid(), What.PATH, name, Uid.NONE);
      Fact fact = find(key);
      if (fact != null) {
        dependencies.addAll(fact.stripes(), fact.noted());
        return (PathFacts) fact.value();
      }
      ResourceName resource = names.apply(name);
      List<Kind> kinds = Gathering.kinds(org.profile(), resource);
      Dependencies own = new Dependencies(org.uid());
      String self = resource.relativePath();
      PathFacts path =
          PathFacts.read(
              org, at -> at.equals(self) ? rows.resource(at) : resource(at), resource, kinds, own);
      int noted = own.size();
      dependencies.addAll(own.stripes(), noted);
      return withSets(key, path, accounts, own, noted);
    }

    @Override
    @SuppressWarnings("unchecked")
    public Optional<ResourceRow> resource(String path) {
      FactKey key = new FactKey(org.uid(), What.RESOURCE, path, Uid.NONE);
      Fact fact = find(key);
      if (fact == null) {
        int[] stripes = {Stripes.path(org.uid(), path)};
        fact = keep(key, rows.resource(path), stripes, 400 + path.length());
      }
      return (Optional<ResourceRow>) fact.value();
    }

    @Override
    public Optional<GrantRow> grants(Uid resource, Uid account) {
      if (!resource.equals(granted)) {
        onGranted = setGrants(resource, 0);
        granted = resource;
      }
      return onGranted.of(account, resource, this);
    }

    /** Reads nothing where it is known that the caller has no grant there by itself. */
    @Override
    public Optional<GrantRow> pair(Uid resource, Uid account) {
      return mayBeGranted(resource, account) ? rows.grants(resource, account) : Optional.empty();
    }

    private boolean mayBeGranted(Uid resource, Uid account) {
      Fact fact = caller;
      if (fact == null || !(fact.value() instanceof Caller who) || !who.is(account)) {
        return true;
      }
      Granted known = who.granted();
      if (known.isKnown() && stamps.hold(known, sequence)) {
        return known.mayBeOn(resource);
      }
      if (!known.isWalkDue()) {
        return true;
      }
      Granted walked = known.walked(rows, org.uid(), account, sequence);
      Fact more = fact.with(who.with(walked), walked.weight() - known.weight());
      cache.asMap().replace(callerKey, fact, more);
      caller = more;
      return walked.mayBeOn(resource);
    }

    @Override
    public Optional<PrincipalRow> principal(Uid uid) {
      return rows.principal(uid);
    }

    @Override
    @SuppressWarnings("unchecked")
    public List<Uid> groupsOf(Uid member) {
      if (!member.isSet()) {
        return read(member); // Part of the subject, which is remembered whole.
      }
      FactKey key = new FactKey(org.uid(), What.GROUPS, "", member);
      Fact fact = find(key);
      if (fact == null) {
        List<Uid> groups = List.copyOf(read(member));
        int[] stripes = {Stripes.groupGraph(org.uid())};
        fact = keep(key, groups, stripes, 100 + 24 * groups.size());
      }
      return (List<Uid>) fact.value();
    }

    @Override
    @SuppressWarnings("unchecked")
    public Optional<Above> above(Uid group) {
      if (!remembers) {
        return Optional.empty(); // Groups that groups have in common are walked to once then.
      }
      FactKey key = new FactKey(org.uid(), What.ABOVE, "", group);
      Fact fact = find(key);
      if (fact == null) {
        Optional<Above> above =
            new SubjectGathering(org, rows, this, new Dependencies(org.uid())).above(group);
        int[] stripes = {Stripes.groupGraph(org.uid())};
        int weight = 100 + 24 * above.map(groups -> groups.active().size()).orElse(0);
        fact = keep(key, above, stripes, weight);
      }
      return (Optional<Above>) fact.value();
    }

    private List<Uid> read(Uid member) {
      List<Uid> groups = new ArrayList<>();
      rows.eachGroupOf(member, groups::add);
      return groups;
    }

    /** The same with the grants to sets on each level, and remembered so where nothing waits. */
    private PathFacts withSets(
        FactKey key, PathFacts path, int accounts, Dependencies own, int noted) {
      List<Level> now = new ArrayList<>(path.levels().size());
      List<Level> kept = new ArrayList<>(path.levels().size());
      boolean settled = true;
      int weight = 300 + 40 * path.gates().size() + 12 * noted;
      for (Level level : path.levels()) {
        SetGrants sets = setGrants(level.uid(), accounts);
        settled &= sets.isSettled();
        boolean light = sets.weight() <= SETS_IN_PATH_BYTES_MAX;
        now.add(new Level(level.index(), level.uid(), sets));
        kept.add(light ? now.get(now.size() - 1) : level);
        weight += 40 + (light ? sets.weight() : 0);
        if (light && !sets.singles()) {
          own.onAccounts(level.uid());
        }
      }
      if (settled) {
        keep(key, path.with(kept), own.stripes(), noted, weight);
      }
      return path.with(now);
    }

    /**
     * A walk costs more than some reads, so it waits for the second time where the caller takes no
     * more than some.
     */
    private SetGrants setGrants(Uid resource, int accounts) {
      FactKey key = new FactKey(org.uid(), What.GRANTS, "", resource);
      Fact fact = find(key);
      if (fact == null) {
        boolean few = accounts <= SetGrants.WALK_AT_FIRST;
        fact =
            keepGrants(
                key,
                few
                    ? SetGrants.unknown(SetGrants.WALK_AT_FIRST)
                    : SetGrants.read(rows, resource, Math.min(accounts, SetGrants.WALK_MAX)));
      } else if (((SetGrants) fact.value()).isWalkDue()) {
        fact = keepGrants(key, SetGrants.read(rows, resource, ((SetGrants) fact.value()).walk()));
      }
      SetGrants known = (SetGrants) fact.value();
      return known.singles() || unchanged(Stripes.accounts(org.uid(), resource), fact.sequence())
          ? known
          : known.withSingles();
    }

    private Fact keepGrants(FactKey key, SetGrants grants) {
      int[] stripes = {Stripes.resource(org.uid(), key.uid())};
      return keep(key, grants, stripes, 100 + grants.weight());
    }

    private Fact keep(FactKey key, Object value, int[] stripes, int weight) {
      return keep(key, value, stripes, stripes.length, weight);
    }

    private Fact keep(FactKey key, Object value, int[] stripes, int noted, int weight) {
      Fact fact = new Fact(value, sequence, stripes, noted, weight);
      // What was invalidated keeps its place.
      if (doorkeeper.admits(key.hashCode()) || cache.asMap().containsKey(key)) {
        cache.put(key, fact);
      }
      return fact;
    }

    private @Nullable Fact find(FactKey key) {
      Fact fact = cache.getIfPresent(key);
      return fact != null && stamps.hold(fact, sequence) ? fact : null;
    }

    private boolean unchanged(int stripe, long since) {
      return stamps.unchangedSince(new int[] {stripe}, since);
    }
  }
}
