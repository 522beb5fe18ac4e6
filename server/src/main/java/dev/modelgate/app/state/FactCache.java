package dev.modelgate.app.state;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What evaluations have in common, kept from one to the next: who a caller is and in which groups,
 * the groups above a group, the records along a path, the grants to sets of accounts on a resource.
 * A miss then reads the grants of its own pair and little else, and how deep groups nest costs
 * nothing.
 *
 * <p>A fact is believed as a cached answer is, by the stamps of what it was made from and never by
 * its age: it was read from no newer publication than the one that is evaluated, and nothing that
 * it depends on was changed since (hazards 1 to 3 and 5). Evaluations note their dependencies
 * themselves, wherever their facts come from. Bounded in bytes; thread-safe.
 */
public final class FactCache {
  private final Stamps stamps;
  private final Cache<Key, Fact> cache;
  private final Doorkeeper doorkeeper = new Doorkeeper();

  private enum What {
    SUBJECT,
    RESOURCE,
    GRANTS,
    GROUPS
  }

  /**
   * What a fact is about; compared whole, and hashed as the keys of answers are.
   *
   * @param name of a principal or a path, or empty
   * @param uid of a resource or group, or {@link Uid#NONE}
   */
  private record Key(Uid org, What what, String name, Uid uid) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparing(Key::org)
            .thenComparing(Key::what)
            .thenComparing(Key::name)
            .thenComparing(Key::uid);

    @Override
    public int hashCode() {
      long h = (long) name.hashCode() << 32 | what.ordinal();
      h ^= org.value() * 0x9e3779b97f4a7c15L + uid.value();
      h ^= h >>> 33;
      h *= 0xff51afd7ed558ccdL;
      h ^= h >>> 33;
      h *= 0xc4ceb9fe1a85ec53L;
      return (int) (h ^ h >>> 32);
    }

    /** Any total order: by it the table finds its way among names chosen to share a hash. */
    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * What is remembered.
   *
   * @param value a {@link Subject}, an {@code Optional<ResourceRow>}, a {@link SetGrants} or a list
   *     of uids, as the key says
   * @param sequence the publication that was read
   * @param stripes what it depends on
   * @param weight its cost beside the key, in bytes, about
   */
  private record Fact(Object value, long sequence, int[] stripes, int weight) {}

  /**
   * An empty cache.
   *
   * @param stamps those that changes raise
   * @param bytesMax the weight of all facts, in bytes; 0 remembers nothing
   */
  public FactCache(Stamps stamps, long bytesMax) {
    this.stamps = stamps;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(bytesMax)
            .weigher((Key key, Fact fact) -> 160 + 2 * key.name().length() + fact.weight())
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

    private Lens(OrgState org, OrgRows rows, long sequence) {
      this.org = org;
      this.rows = rows;
      this.sequence = sequence;
    }

    /** The rows behind the facts. */
    public OrgRows rows() {
      return rows;
    }

    /** A caller, with what that depends on noted. */
    public Subject subject(PrincipalName caller, Dependencies dependencies) {
      Key key = new Key(org.uid(), What.SUBJECT, caller.toString(), Uid.NONE);
      Fact fact = find(key);
      if (fact == null) {
        Dependencies own = new Dependencies(org.uid());
        Subject subject = new Gathering(org, rows, this, own).subject(caller);
        fact = keep(key, subject, own.stripes(), 200 + 24 * subject.accounts().size());
      }
      dependencies.addAll(fact.stripes());
      return (Subject) fact.value();
    }

    @Override
    @SuppressWarnings("unchecked")
    public Optional<ResourceRow> resource(String path) {
      Key key = new Key(org.uid(), What.RESOURCE, path, Uid.NONE);
      Fact fact = find(key);
      if (fact == null) {
        int[] stripes = {Stripes.path(org.uid(), path)};
        fact = keep(key, rows.resource(path), stripes, 400 + 2 * path.length());
      }
      return (Optional<ResourceRow>) fact.value();
    }

    @Override
    public Optional<GrantRow> grants(Uid resource, Uid account) {
      if (!resource.equals(granted)) {
        onGranted = setGrants(resource);
        granted = resource;
      }
      Map<Uid, GrantRow> sets = onGranted.rows();
      if (account.isSet() && sets != null) {
        return Optional.ofNullable(sets.get(account));
      }
      return account.isSet() || onGranted.singles()
          ? rows.grants(resource, account)
          : Optional.empty();
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
      Key key = new Key(org.uid(), What.GROUPS, "", member);
      Fact fact = find(key);
      if (fact == null) {
        List<Uid> groups = List.copyOf(read(member));
        int[] stripes = {Stripes.groupGraph(org.uid())};
        fact = keep(key, groups, stripes, 100 + 24 * groups.size());
      }
      return (List<Uid>) fact.value();
    }

    private List<Uid> read(Uid member) {
      List<Uid> groups = new ArrayList<>();
      rows.eachGroupOf(member, groups::add);
      return groups;
    }

    /** A walk costs more than some reads, so it waits for the second time. */
    private SetGrants setGrants(Uid resource) {
      Key key = new Key(org.uid(), What.GRANTS, "", resource);
      Fact fact = find(key);
      if (fact == null) {
        fact = keepGrants(key, SetGrants.unknown(SetGrants.WALK_AT_FIRST));
      } else if (((SetGrants) fact.value()).isWalkDue()) {
        fact = keepGrants(key, walk(resource, ((SetGrants) fact.value()).walk()));
      }
      SetGrants known = (SetGrants) fact.value();
      return known.singles() || unchanged(Stripes.accounts(org.uid(), resource), fact.sequence())
          ? known
          : new SetGrants(known.rows(), 0, true, known.asked());
    }

    private Fact keepGrants(Key key, SetGrants grants) {
      Map<Uid, GrantRow> sets = grants.rows();
      int held = 0;
      if (sets != null) {
        for (GrantRow row : sets.values()) {
          held += row.grants().size();
        }
      }
      int weight = 100 + (sets == null ? 0 : 120 * sets.size() + 80 * held);
      return keep(key, grants, new int[] {Stripes.resource(org.uid(), key.uid())}, weight);
    }

    private SetGrants walk(Uid resource, int max) {
      Map<Uid, GrantRow> sets = new HashMap<>();
      int[] count = new int[2];
      rows.each(
          Table.GRANTS,
          GrantRow.prefix(resource),
          new byte[0],
          (key, value) -> {
            Uid principal = principalOf(key);
            if (principal.isSet()) {
              sets.put(principal, GrantRow.decode(key, value));
            } else {
              count[1]++;
            }
            return key;
          },
          key -> ++count[0] <= max);
      if (count[0] > max) {
        return SetGrants.unknown(max < SetGrants.WALK_MAX ? SetGrants.WALK_MAX : 0);
      }
      return new SetGrants(Map.copyOf(sets), 0, count[1] > 0, new int[1]);
    }

    private Fact keep(Key key, Object value, int[] stripes, int weight) {
      Fact fact = new Fact(value, sequence, stripes, weight);
      if (doorkeeper.admits(key.hashCode())) {
        cache.put(key, fact);
      }
      return fact;
    }

    private @Nullable Fact find(Key key) {
      Fact fact = cache.getIfPresent(key);
      return fact != null
              && fact.sequence() <= sequence
              && stamps.unchangedSince(fact.stripes(), fact.sequence())
          ? fact
          : null;
    }

    private boolean unchanged(int stripe, long since) {
      return stamps.unchangedSince(new int[] {stripe}, since);
    }
  }

  private static Uid principalOf(byte[] grantKey) {
    ByteReader pair = new ByteReader(grantKey);
    pair.fixed64();
    return new Uid(pair.fixed64());
  }
}
