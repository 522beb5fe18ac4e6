package dev.modelgate.store.rocksdb;

import static dev.modelgate.store.Changes.after;
import static dev.modelgate.store.Changes.at;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.member;
import static dev.modelgate.store.Changes.next;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Acceptance;
import dev.modelgate.store.BulkLoad;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Changes;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Position;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import dev.modelgate.store.UndecodableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is loaded is what the log would have made of it, or nothing. */
final class RocksLoadTest {
  private static final Uid BEFORE = new Uid(0x100000L);
  private static final Uid ACME = new Uid(0x200000L);
  private static final Uid BEHIND = new Uid(0x300000L);

  /** So little that almost every change set makes files of its own. */
  private static final long LITTLE = 2_000;

  @TempDir private Path directory;

  private Path store() {
    return directory.resolve("store");
  }

  private RocksOptions options(long loadBytes) {
    return RocksOptions.of(store()).withBlockCacheBytes(16 << 20).withLoadBytes(loadBytes);
  }

  /** Change sets with grants that are put, changed and taken away again. */
  private static List<ChangeSet> history(Uid org, int versions, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<ChangeSet> history = new ArrayList<>();
    OrgHead head = OrgHead.empty(org);
    for (int i = 0; i < versions; i++) {
      List<Mutation> mutations = new ArrayList<>();
      for (int j = random.nextInt(1, 12); j > 0; j--) {
        var grant = grant(random.nextInt(20), random.nextInt(20), random.nextInt(1, 5));
        mutations.add(random.nextInt(4) == 0 ? grant.delete() : grant.put());
        mutations.add(member(random.nextInt(9), random.nextInt(9)).put());
        mutations.add(Changes.suspension(random.nextInt(9)).put());
      }
      RequestId request = i % 3 == 0 ? RequestId.NONE : new RequestId("r" + i);
      ChangeSet changeSet =
          next(head, request, Changes.T0.plusSeconds(i), mutations.toArray(new Mutation[0]));
      history.add(changeSet);
      head = after(head, changeSet);
    }
    return history;
  }

  private static BulkLoad begin(RocksReplica replica) {
    return replica.load(ACME).orElseThrow();
  }

  private static void addAll(BulkLoad load, List<ChangeSet> history) {
    history.forEach(changeSet -> load.add(changeSet, LogRecord.of(changeSet)));
  }

  private static Acceptance apply(RocksReplica replica, LogRecord record) {
    Positioned positioned = new Positioned(replica.position().next(), record);
    return replica.apply(List.of(positioned)).outcomes().get(0).acceptance();
  }

  private static void applyAll(RocksReplica replica, List<ChangeSet> history) {
    for (ChangeSet changeSet : history) {
      assertEquals(Acceptance.ACCEPTED, apply(replica, LogRecord.of(changeSet)));
    }
  }

  private static List<String> rows(OrgView view) {
    List<String> rows = new ArrayList<>();
    for (Table table : Table.values()) {
      if (!table.isLogOnly()) {
        try (RowCursor cursor = view.scan(table, Changes.NONE, Changes.NONE)) {
          while (cursor.next()) {
            rows.add(table + Arrays.toString(cursor.key()) + Arrays.toString(cursor.value()));
          }
        }
      }
    }
    return rows;
  }

  private static List<String> rows(RocksReplica replica, Uid org) {
    StoreSnapshot snapshot = replica.snapshot();
    try {
      return rows(snapshot.view(org));
    } finally {
      snapshot.release();
    }
  }

  @Test
  void load_ofAnyHistory_isWhatTheLogMakesOfIt() throws IOException {
    long seed = System.nanoTime();
    for (long loadBytes : new long[] {1, LITTLE, 20_000, 1 << 20}) {
      List<ChangeSet> history = history(ACME, 40, seed);
      List<String> expected;
      Path reference = directory.resolve("reference" + loadBytes);
      try (RocksReplica replica =
          RocksReplica.open(RocksOptions.of(reference).withBlockCacheBytes(16 << 20))) {
        applyAll(replica, history);
        expected = rows(replica, ACME);
      }
      try (RocksReplica replica = RocksReplica.open(options(loadBytes))) {
        applyAll(replica, history(BEFORE, 5, seed));
        try (BulkLoad load = begin(replica)) {
          addAll(load, history);
          assertEquals(expected, rows(load.view()), () -> "seed " + seed);
          assertEquals(0, StoreRows.head(replica, ACME).version());
          LogRecord last = load.seal();
          assertEquals(0, StoreRows.head(replica, ACME).version());
          assertEquals(Acceptance.ACCEPTED, apply(replica, last));
        }
        ChangeSet newest = history.get(history.size() - 1);
        assertEquals(
            after(
                new OrgHead(ACME, newest.baseVersion(), newest.baseDigest(), newest.at()), newest),
            StoreRows.head(replica, ACME));
        assertEquals(expected, rows(replica, ACME), () -> "seed " + seed);
        for (ChangeSet changeSet : history) {
          assertArrayEquals(
              LogRecord.of(changeSet).stored(),
              replica.read(ACME, changeSet.version()).orElseThrow().stored());
          if (changeSet.requestId().isPresent()) {
            assertEquals(
                changeSet.version(),
                replica.recent(ACME, Changes.ANA, changeSet.requestId()).orElseThrow().version());
          }
        }
        applyAll(replica, history(BEHIND, 1, loadBytes));
        replica.verify();
      }
      try (RocksReplica replica = RocksReplica.open(options(loadBytes))) {
        assertEquals(expected, rows(replica, ACME), () -> "opened again, seed " + seed);
        replica.verify();
      }
      delete(store());
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void load_thatIsLetGo_leavesNothingAndHurtsNobody() {
    try (RocksReplica replica = RocksReplica.open(options(LITTLE))) {
      applyAll(replica, history(BEFORE, 10, 1));
      applyAll(replica, history(BEHIND, 10, 2));
      List<String> before = rows(replica, BEFORE);
      List<String> behind = rows(replica, BEHIND);
      try (BulkLoad load = begin(replica)) {
        addAll(load, history(ACME, 30, 3));
      }
      try (BulkLoad load = begin(replica)) {
        addAll(load, history(ACME, 30, 4));
        load.seal();
      }
      begin(replica).close();
      assertEquals(List.of(), rows(replica, ACME));
      assertEquals(before, rows(replica, BEFORE));
      assertEquals(behind, rows(replica, BEHIND));
      replica.verify();
    }
    StoreRows.assertNothingOf(ACME, options(LITTLE));
  }

  @Test
  void load_afterOneThatWasLetGo_hasNothingOfIt() {
    try (RocksReplica replica = RocksReplica.open(options(LITTLE))) {
      try (BulkLoad load = begin(replica)) {
        addAll(load, history(ACME, 50, 1));
      }
      List<ChangeSet> history = history(ACME, 20, 2);
      try (BulkLoad load = begin(replica)) {
        addAll(load, history);
        assertEquals(Acceptance.ACCEPTED, apply(replica, load.seal()));
      }
      assertEquals(20, StoreRows.head(replica, ACME).version());
      replica.verify();
    }
  }

  /** As after a kill: closed under the load, whose files and mark are there. */
  @Test
  void store_closedUnderALoad_isOpenedWithoutItsRows() {
    RocksReplica replica = RocksReplica.open(options(LITTLE));
    BulkLoad load = begin(replica);
    addAll(load, history(ACME, 30, 5));
    replica.close();
    ChangeSet more = history(ACME, 31, 5).get(30);
    assertThrows(StoreException.class, () -> addUntilWritten(load, more));
    load.close();
    assertTrue(Files.exists(store().resolve(LoadFiles.DIRECTORY)));
    StoreRows.assertNothingOf(ACME, options(LITTLE));
  }

  private static void addUntilWritten(BulkLoad load, ChangeSet first) {
    load.add(first, LogRecord.of(first));
    load.seal();
  }

  @Test
  void store_reopenedUnderALoad_endsIt() {
    try (RocksReplica replica = RocksReplica.open(options(LITTLE))) {
      BulkLoad load = begin(replica);
      addAll(load, history(ACME, 30, 6));
      replica.reopen();
      assertThrows(StoreException.class, load::seal);
      load.close();
      applyAll(replica, history(ACME, 20, 7));
      replica.verify();
      assertEquals(20, StoreRows.head(replica, ACME).version());
    }
  }

  @Test
  void load_whoseFilesCannotBeWritten_failsAndLeavesNothing() throws IOException {
    try (RocksReplica replica = RocksReplica.open(options(LITTLE))) {
      BulkLoad load = begin(replica);
      addAll(load, history(ACME, 30, 8));
      Path files = store().resolve(LoadFiles.DIRECTORY);
      delete(files);
      Files.createFile(files);
      ChangeSet more = history(ACME, 31, 8).get(30);
      StoreException e = assertThrows(StoreException.class, () -> addUntilWritten(load, more));
      assertTrue(String.valueOf(e.getMessage()).startsWith("cannot load"), e.getMessage());
      Files.delete(files);
      load.close();
      applyAll(replica, history(BEFORE, 3, 8));
      replica.verify();
    }
    StoreRows.assertNothingOf(ACME, options(LITTLE));
  }

  @Test
  void load_besideAnotherOne_isNone() {
    try (RocksReplica replica = RocksReplica.open(options(LITTLE))) {
      try (BulkLoad load = begin(replica)) {
        assertTrue(replica.load(BEHIND).isEmpty());
        assertTrue(replica.load(ACME).isEmpty());
        addAll(load, history(ACME, 1, 1));
        assertEquals(Acceptance.ACCEPTED, apply(replica, load.seal()));
      }
      assertTrue(replica.load(ACME).isEmpty(), "it has a head");
      replica.load(BEHIND).orElseThrow().close();
      replica.verify();
    }
  }

  @Test
  void load_ofWhatDoesNotFollowOrIsNoRow_refusesItAndGoesOn() {
    try (RocksReplica replica = RocksReplica.open(options(LITTLE));
        BulkLoad load = begin(replica)) {
      List<ChangeSet> history = history(ACME, 3, 1);
      assertThrows(IllegalStateException.class, load::seal);
      addAll(load, history.subList(0, 2));
      ChangeSet again = history.get(1);
      assertThrows(IllegalArgumentException.class, () -> load.add(again, LogRecord.of(again)));
      OrgHead head = load.view().head();
      ChangeSet unknown = next(head, new Mutation.Put(Table.GRANTS, new byte[16], new byte[] {99}));
      assertThrows(UndecodableException.class, () -> load.add(unknown, LogRecord.of(unknown)));
      addAll(load, history.subList(2, 3));
      LogRecord last = load.seal();
      assertThrows(IllegalStateException.class, load::seal);
      assertEquals(Acceptance.ACCEPTED, apply(replica, last));
      assertEquals(3, StoreRows.head(replica, ACME).version());
      replica.verify();
    }
  }

  /** Hazard 1 and 25: commits of others go on between the files, and readers of before see none. */
  @Test
  void load_besideCommitsOfOthers_mixesWithNone() {
    try (RocksReplica replica = RocksReplica.open(options(LITTLE))) {
      List<ChangeSet> others = history(BEHIND, 30, 9);
      List<ChangeSet> loaded = history(ACME, 30, 10);
      StoreSnapshot early = replica.snapshot();
      try (BulkLoad load = begin(replica)) {
        for (int i = 0; i < others.size(); i++) {
          ChangeSet changeSet = loaded.get(i);
          load.add(changeSet, LogRecord.of(changeSet));
          assertEquals(Acceptance.ACCEPTED, apply(replica, at(1, others.get(i)).record()));
        }
        Position before = replica.position();
        assertEquals(Acceptance.ACCEPTED, apply(replica, load.seal()));
        assertEquals(before.next(), replica.position());
      }
      assertEquals(List.of(), rows(early.view(ACME)));
      assertEquals(0, early.head(ACME).version());
      early.release();
      assertEquals(30, StoreRows.head(replica, ACME).version());
      assertEquals(30, StoreRows.head(replica, BEHIND).version());
      replica.verify();
    }
  }
}
