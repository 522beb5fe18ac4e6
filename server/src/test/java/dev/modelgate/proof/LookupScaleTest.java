package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.query.LookupContext;
import dev.modelgate.app.query.LookupPage;
import dev.modelgate.app.query.Lookups;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.PrincipalQuery;
import dev.modelgate.app.query.ResourceQuery;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.LiveState;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Changes;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Replica;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.MemberRow;
import dev.modelgate.store.row.OrganizationRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ProfileRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceUidRow;
import dev.modelgate.store.row.Row;
import dev.modelgate.store.row.SettingsRow;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lookups in a large organization over RocksDB, page by page, nothing kept of a page but what the
 * test counts. Prints its times; the bounds are ten times what an idle machine takes, and more.
 */
final class LookupScaleTest {
  private static final int MODELS = 100_000;
  private static final int GROUPS = 5;
  private static final int PER_GROUP = 20;
  private static final int USERS = 12_000;
  private static final int MEMBERS = 9_000;
  private static final String PROD = "organizations/acme/environments/prod";
  private static final Uid ACME = Uid.of(1, 0, false);

  /** An idle machine takes less than one second. */
  private static final long SECONDS_MAX = 10;

  @TempDir Path directory;

  private long position;
  private OrgHead head = OrgHead.empty(ACME);
  private int made;

  @Test
  void resources_ofAPrincipalWithVeryMany_areListedInTime() {
    try (Replica replica = RocksReplica.open(RocksOptions.of(directory.resolve("store")))) {
      fill(replica);
      LiveState live = new LiveState(replica, new Stamps());
      try (live) {
        Lookups lookups =
            new Lookups(live, new MonotoneClock(Clock.systemUTC()), ConditionLanguage.NONE);
        long best = Long.MAX_VALUE;
        for (int run = 0; run < 4; run++) {
          best = Math.min(best, list(lookups, "user:many@acme.com", MODELS));
        }
        long few = Long.MAX_VALUE;
        for (int run = 0; run < 4; run++) {
          few = Math.min(few, list(lookups, "user:few@acme.com", GROUPS * PER_GROUP));
        }
        System.out.printf(
            "lookups: %d resources of one principal in %d ms, pages of %d; %d among %d in %d ms%n",
            MODELS,
            TimeUnit.NANOSECONDS.toMillis(best),
            PageRequest.SIZE_MAX,
            GROUPS * PER_GROUP,
            MODELS,
            TimeUnit.NANOSECONDS.toMillis(few));
        assertTrue(best < TimeUnit.SECONDS.toNanos(SECONDS_MAX), () -> "too slow");
        assertTrue(few < TimeUnit.SECONDS.toNanos(SECONDS_MAX) / 20, () -> "few take too long");
      }
    }
  }

  @Test
  void principals_ofAResourceSharedWithAVeryLargeGroup_areListedInTime() {
    try (Replica replica = RocksReplica.open(RocksOptions.of(directory.resolve("store")))) {
      fillDirectory(replica);
      LiveState live = new LiveState(replica, new Stamps());
      try (live) {
        Lookups lookups =
            new Lookups(live, new MonotoneClock(Clock.systemUTC()), ConditionLanguage.NONE);
        long expanded = principals(lookups, true, MEMBERS + 1);
        long sets = principals(lookups, false, 2);
        System.out.printf(
            "lookups: %d of %d principals in %d ms, as a group and a user in %d ms%n",
            MEMBERS + 1,
            USERS + 1,
            TimeUnit.NANOSECONDS.toMillis(expanded),
            TimeUnit.NANOSECONDS.toMillis(sets));
        assertTrue(expanded < TimeUnit.SECONDS.toNanos(SECONDS_MAX), () -> "too slow");
      }
    }
  }

  private static long principals(Lookups lookups, boolean expand, int expected) {
    PrincipalQuery query =
        new PrincipalQuery(ResourceName.parse(PROD), "get", expand, LookupContext.NONE);
    long begin = cpuNanos();
    int found = 0;
    String token = "";
    LookupPage page;
    do {
      page =
          lookups.principals(
              query, Requester.SYSTEM_ADMINISTRATOR, PageRequest.of(PageRequest.SIZE_MAX, token));
      found += page.allowed().size();
      token = page.nextToken();
    } while (!token.isEmpty());
    long took = cpuNanos() - begin;
    assertEquals(expected, found);
    assertTrue(page.complete());
    return took;
  }

  private static long list(Lookups lookups, String principal, int expected) {
    ResourceQuery query =
        new ResourceQuery(
            PrincipalName.parse(principal),
            "predict",
            ResourceName.parse(PROD),
            "",
            LookupContext.NONE);
    long begin = cpuNanos();
    int found = 0;
    String token = "";
    LookupPage page;
    do {
      page =
          lookups.resources(
              query, Requester.SYSTEM_ADMINISTRATOR, PageRequest.of(PageRequest.SIZE_MAX, token));
      found += page.allowed().size();
      token = page.nextToken();
    } while (!token.isEmpty());
    long took = cpuNanos() - begin;
    assertEquals(expected, found);
    assertTrue(page.complete());
    return took;
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** Three users in four are in the group, which is too large to be looked through beforehand. */
  private void fillDirectory(Replica replica) {
    List<Row> rows = new ArrayList<>();
    Vocabulary vocabulary = begin(replica, rows);
    Uid prod = resource(rows, "environments/prod");
    Uid group = principal(rows, "group:all");
    Uid owner = principal(rows, "user:owner@acme.com");
    rows.add(grant(prod, group, vocabulary.roles().indexOf("viewer")));
    rows.add(grant(prod, owner, vocabulary.roles().indexOf("owner")));
    for (int u = 0; u < USERS; u++) {
      Uid user = principal(rows, "user:u" + u + "@acme.com");
      if (u % 4 != 0) {
        rows.add(new MemberRow(group, user, Uid.NONE, 1));
      }
    }
    flush(replica, rows);
  }

  private Vocabulary begin(Replica replica, List<Row> rows) {
    OrganizationRow registered = new OrganizationRow("acme", ACME, 1);
    apply(replica, Changes.next(OrgHead.empty(Uid.SYSTEM), registered.put()));
    ProfileDocument profile = BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow();
    Vocabulary vocabulary = profile.extended(Vocabulary.EMPTY);
    rows.add(new ProfileRow(1, profile.name(), 1, profile.text()));
    rows.add(new SettingsRow("acme", "", "modelgate", 1, vocabulary, Map.of(), 1, 1, 1));
    resource(rows, "");
    return vocabulary;
  }

  private void fill(Replica replica) {
    List<Row> rows = new ArrayList<>();
    int user = begin(replica, rows).roles().indexOf("user");
    resource(rows, "environments/prod");
    Uid many = principal(rows, "user:many@acme.com");
    Uid few = principal(rows, "user:few@acme.com");
    List<Uid> groups = new ArrayList<>();
    for (int g = 0; g < GROUPS; g++) {
      Uid group = principal(rows, "group:g" + g);
      groups.add(group);
      rows.add(new MemberRow(group, many, Uid.NONE, 1));
      rows.add(new MemberRow(group, few, Uid.NONE, 1));
    }
    for (int m = 0; m < MODELS; m++) {
      Uid model = resource(rows, "environments/prod/models/m" + m);
      rows.add(grant(model, many, user));
      if (m % (MODELS / GROUPS / PER_GROUP) == 0) {
        rows.add(grant(model, groups.get(m / (MODELS / GROUPS / PER_GROUP) % GROUPS), user));
      }
      if (rows.size() > 10_000) {
        flush(replica, rows);
      }
    }
    flush(replica, rows);
  }

  private Uid principal(List<Row> rows, String text) {
    PrincipalName name = PrincipalName.parse(text);
    Uid uid = Uid.of(1, ++made, name.kind().isSet());
    PrincipalRow.GroupType type =
        name.kind().isSet() ? PrincipalRow.GroupType.ACCESS : PrincipalRow.GroupType.NONE;
    rows.add(
        new PrincipalRow(name, uid, PrincipalRow.State.ACTIVE, type, "", UnitName.ROOT, 1, 1, 1));
    rows.add(new PrincipalUidRow(uid, name, 0));
    return uid;
  }

  private Uid resource(List<Row> rows, String path) {
    Uid uid = Uid.of(1, ++made, false);
    rows.add(new ResourceRow(path, uid, ResourceRow.Attributes.NONE, 1, 1, 1));
    rows.add(new ResourceUidRow(uid, path, 0));
    return uid;
  }

  private static GrantRow grant(Uid resource, Uid principal, int role) {
    Grant grant =
        new Grant(role, 0, false, false, 0, Micros.NEVER, Grant.Origin.DIRECT, Uid.NONE, 1, "", "");
    return new GrantRow(resource, principal, List.of(grant));
  }

  private void flush(Replica replica, List<Row> rows) {
    ChangeSet next = Changes.next(head, rows.stream().map(Row::put).toArray(Mutation[]::new));
    apply(replica, next);
    head = Changes.after(head, next);
    rows.clear();
  }

  private void apply(Replica replica, ChangeSet changeSet) {
    replica.apply(List.of(Changes.at(++position, changeSet)));
  }
}
