package dev.modelgate.store.rocksdb;

import static dev.modelgate.store.Changes.at;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.next;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Changes;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import dev.modelgate.store.UnopenableException;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalUidRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** What an operator reads when a store does not open, and what a reopening does to readers. */
final class OpeningTest {
  private static final Uid ACME = new Uid(0x100001);

  @TempDir private Path directory;

  private RocksOptions options() {
    return RocksOptions.of(directory.resolve("store")).withBlockCacheBytes(16 << 20);
  }

  private static void assertRefused(RocksOptions options, String expected) {
    UnopenableException e =
        assertThrows(UnopenableException.class, () -> RocksReplica.open(options));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(expected), message);
    assertFalse(message.contains("\n"), message);
  }

  @Test
  void open_heldByAnotherProcess_saysSo() throws IOException {
    Path scratch = Files.createDirectory(directory.resolve("scratch"));
    try (ChildProcess holder =
        ChildProcess.writer(CrashWriter.class, directory.resolve("store"), scratch)) {
      holder.begin();
      assertEquals("open", holder.line());
      assertRefused(options(), "in use by another process");
    }
  }

  @Test
  void open_newerSchema_saysSo() throws RocksDBException {
    RocksReplica.open(options()).close();
    OpenedStore opened = OpenedStore.open(options());
    write(opened, new Metadata(4, 64, opened.metadata().lineage(), false));
    opened.handle().close(Duration.ZERO);
    opened.tuning().close();
    assertRefused(options(), "newer schema 4 (expected: 3)");
  }

  /** Schema 1 had no index of deleted names: a store of it gets one, once, and no other loss. */
  @Test
  void open_storeOfSchemaOne_getsTheIndexThatItLacks() throws RocksDBException {
    PrincipalName ana = PrincipalName.parse("user:ana@acme.com");
    PrincipalName bo = PrincipalName.parse("user:bo@acme.com");
    PrincipalUidRow deleted = new PrincipalUidRow(Uid.of(1, 0, false), ana, 5);
    PrincipalUidRow living = new PrincipalUidRow(Uid.of(1, 1, false), bo, 0);
    try (RocksReplica replica = RocksReplica.open(options())) {
      replica.apply(
          List.of(
              at(1, next(OrgHead.empty(ACME), deleted.put(), living.put(), grant(1, 2).put()))));
    }
    makeSchemaOne();
    assertTrue(isDeleted(ana));
    assertFalse(isDeleted(bo));
    assertTrue(isDeleted(ana), "opened again");
    try (RocksReplica replica = RocksReplica.open(options())) {
      replica.verify();
    }
  }

  private boolean isDeleted(PrincipalName name) {
    try (RocksReplica replica = RocksReplica.open(options())) {
      StoreSnapshot snapshot = replica.snapshot();
      boolean deleted = new OrgRows(snapshot.view(ACME)).wasDeleted(name);
      snapshot.release();
      return deleted;
    }
  }

  private static void write(OpenedStore opened, Metadata metadata) throws RocksDBException {
    RowBatch batch = new RowBatch(opened.handle());
    metadata.put(batch);
    opened.handle().write(batch);
  }

  private void makeSchemaOne() throws RocksDBException {
    OpenedStore opened = OpenedStore.open(options());
    byte[] index = Keys.tablePrefix(ACME, Table.DELETED_NAMES);
    RocksHandle handle = opened.handle();
    handle
        .database()
        .deleteRange(
            handle.family(Family.ORG_STATE), index, Objects.requireNonNull(Keys.behind(index)));
    write(opened, new Metadata(1, 64, opened.metadata().lineage(), false));
    opened.handle().close(Duration.ZERO);
    opened.tuning().close();
  }

  @Test
  void open_unknownColumnFamily_isANewerSchema() throws RocksDBException {
    RocksReplica.open(options()).close();
    OpenedStore opened = OpenedStore.open(options());
    try (ColumnFamilyOptions columns = new ColumnFamilyOptions()) {
      opened
          .handle()
          .database()
          .createColumnFamily(new ColumnFamilyDescriptor(Keys.metadata("tomorrow"), columns))
          .close();
    }
    opened.handle().close(Duration.ZERO);
    opened.tuning().close();
    assertRefused(options(), "newer schema: unknown column family `tomorrow`");
  }

  @Test
  void open_fileInPlaceOfTheDirectory_saysSo() throws IOException {
    Files.writeString(directory.resolve("store"), "no store");
    assertRefused(options(), "is not a directory");
  }

  @Test
  void open_whereNothingCanBeCreated_saysSo() {
    assertRefused(RocksOptions.of(Path.of("/proc/modelgate/store")), "cannot create store");
  }

  @Test
  void open_directoryOfOtherFiles_isLeftAlone() throws IOException {
    Path store = Files.createDirectory(directory.resolve("store"));
    Files.writeString(store.resolve("thesis.txt"), "precious");
    assertRefused(options(), "holds other files");
  }

  @Test
  void open_databaseOfSomebodyElse_isLeftAlone() throws RocksDBException {
    NativeLibrary.load();
    try (Options create = new Options().setCreateIfMissing(true);
        RocksDB other = RocksDB.open(create, directory.resolve("store").toString())) {
      other.put(Keys.metadata("key"), Keys.metadata("value"));
    }
    assertRefused(options(), "is no store of modelgate");
  }

  @Test
  void open_unfinishedImport_saysSo() {
    RocksImport.begin(options()).close();
    assertRefused(options(), "import that did not finish");
  }

  @Test
  void import_intoAStore_isRefused() {
    RocksReplica.open(options()).close();
    assertThrows(UnopenableException.class, () -> RocksImport.begin(options()));
  }

  @Test
  void reopen_whileASnapshotIsHeld_endsItWithoutWaiting() {
    try (RocksReplica replica = RocksReplica.open(options())) {
      replica.apply(List.of(at(1, next(OrgHead.empty(ACME), grant(1, 2).put()))));
      StoreSnapshot held = replica.snapshot();
      replica.reopen();
      assertFalse(held.tryRetain());
      assertThrows(
          StoreException.class, () -> held.view(ACME).get(Table.GRANTS, grant(1, 2).key()));
      assertThrows(
          StoreException.class,
          () -> held.view(ACME).scan(Table.GRANTS, Changes.NONE, Changes.NONE));
      held.release();
      StoreSnapshot fresh = replica.snapshot();
      assertEquals(1, fresh.head(ACME).version());
      fresh.release();
    }
  }

  @Test
  void reopen_whileACursorIsOpen_waitsAndThenLeavesItReadable() {
    RocksOptions impatient =
        new RocksOptions(
            directory.resolve("store"),
            16 << 20,
            1 << 20,
            512,
            Duration.ofMillis(50),
            false,
            1 << 20);
    try (RocksReplica replica = RocksReplica.open(impatient)) {
      replica.apply(List.of(at(1, next(OrgHead.empty(ACME), grant(1, 2).put()))));
      StoreSnapshot held = replica.snapshot();
      try (RowCursor rows = held.view(ACME).scan(Table.GRANTS, Changes.NONE, Changes.NONE)) {
        StoreException e = assertThrows(StoreException.class, replica::reopen);
        assertTrue(String.valueOf(e.getMessage()).contains("still under way"));
        assertTrue(rows.next());
      }
      held.release();
      replica.reopen();
    }
  }

  @Test
  void close_twice_andSnapshotAfterwards_throwCleanly() {
    RocksReplica replica = RocksReplica.open(options());
    replica.close();
    replica.close();
    assertThrows(StoreException.class, replica::snapshot);
    assertThrows(StoreException.class, replica::reopen);
  }

  @Test
  void statistics_afterACommit_countItsSync() {
    try (RocksReplica replica = RocksReplica.open(options())) {
      long before = replica.statistics().getOrDefault("wal_syncs", -1L);
      replica.apply(List.of(at(1, next(OrgHead.empty(ACME), grant(1, 2).put()))));
      assertEquals(before + 1, replica.statistics().getOrDefault("wal_syncs", -1L));
    }
  }
}
