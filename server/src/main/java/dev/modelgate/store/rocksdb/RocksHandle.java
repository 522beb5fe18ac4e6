package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One opening of the database. Every use of it is between {@code guard().enter()} and {@code
 * exit()}, so that closing frees no native memory under a reader; snapshots that are still held
 * when it closes end with it.
 */
final class RocksHandle {
  private final DBOptions options;
  private final RocksDB database;
  private final List<ColumnFamilyHandle> families;
  private final int[] ids;
  private final boolean readOnly;
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final ReadGuard guard = new ReadGuard();
  private final Set<RocksSnapshot> snapshots = ConcurrentHashMap.newKeySet();
  private boolean closed;

  /** Takes over what {@link Opening} opened. */
  RocksHandle(
      DBOptions options, RocksDB database, List<ColumnFamilyHandle> families, boolean readOnly) {
    this.options = options;
    this.database = database;
    this.families = List.copyOf(families);
    this.ids = families.stream().mapToInt(ColumnFamilyHandle::getID).toArray();
    this.readOnly = readOnly;
  }

  ReadGuard guard() {
    return guard;
  }

  boolean isReadOnly() {
    return readOnly;
  }

  RocksDB database() {
    return database;
  }

  ColumnFamilyHandle family(Family family) {
    return families.get(family.ordinal());
  }

  /** RocksDB's own number of a family. */
  int id(Family family) {
    return ids[family.ordinal()];
  }

  /** A snapshot of the newest state with one share. Only while nothing is being written. */
  RocksSnapshot snapshot() {
    return snapshot(null);
  }

  /**
   * The same; while something is being written, for whoever knows that it is none of his.
   *
   * @param headless the organization whose rows are nobody's yet and not shown; null for none
   */
  RocksSnapshot snapshot(@Nullable Uid headless) {
    int entered = guard.enter();
    try {
      // A read-only database stands still and knows no snapshots.
      Snapshot snapshot = readOnly ? null : database.getSnapshot();
      RocksSnapshot taken = new RocksSnapshot(this, snapshot, headless);
      snapshots.add(taken);
      return taken;
    } finally {
      guard.exit(entered);
    }
  }

  /** Reads one value; null when there is none. */
  byte @Nullable [] get(Family family, ReadOptions readOptions, byte[] key) {
    int entered = guard.enter();
    try {
      return database.get(family(family), readOptions, key);
    } catch (RocksDBException e) {
      throw RocksErrors.read("table " + family.storedName(), e);
    } finally {
      guard.exit(entered);
    }
  }

  /** Whether there is such a row in the newest state. */
  boolean has(Family family, byte[] key) {
    try (ReadOptions newest = new ReadOptions()) {
      return get(family, newest, key) != null;
    }
  }

  /** For {@link RocksCursor} alone, which has entered the guard. */
  RocksIterator iterator(Family family, ReadOptions readOptions) {
    return database.newIterator(family(family), readOptions);
  }

  /**
   * Writes with one sync.
   *
   * @throws RocksDBException when the outcome is unknown
   */
  void write(RowBatch rows) throws RocksDBException {
    write(rows, synced);
  }

  /** The same with as much syncing as the options say. */
  void write(RowBatch rows, WriteOptions writeOptions) throws RocksDBException {
    int entered = guard.enter();
    try (WriteBatch batch = rows.toWriteBatch()) {
      database.write(writeOptions, batch);
    } finally {
      guard.exit(entered);
    }
  }

  /** Ends a snapshot whose last share was given back. */
  void free(RocksSnapshot snapshot) {
    int entered = guard.tryEnter();
    // Once closing, the closer frees what is left.
    if (entered >= 0) {
      try {
        if (snapshots.remove(snapshot)) {
          snapshot.free(database);
        }
      } finally {
        guard.exit(entered);
      }
    }
  }

  /**
   * Waits for the reads under way and closes; nothing when closed already. One thread.
   *
   * @throws StoreException when they last longer than {@code wait}; then nothing was closed
   */
  void close(Duration wait) {
    if (closed) {
      return;
    }
    if (!guard.close(wait)) {
      throw new StoreException("reads are still under way after " + wait.toMillis() + " ms");
    }
    closed = true;
    snapshots.forEach(snapshot -> snapshot.free(database));
    snapshots.clear();
    synced.close();
    families.forEach(ColumnFamilyHandle::close);
    try {
      database.closeE();
    } catch (RocksDBException e) {
      // Everything acknowledged was synced; what fails here is remembered by the next opening.
      database.close();
    }
    options.close();
  }
}
