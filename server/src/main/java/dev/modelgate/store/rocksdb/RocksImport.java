package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.IndexRows;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.SnapshotSink;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.Table;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.store.row.Rows;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * Builds a new store from an exported snapshot, under a new lineage (hazard 27): organizations keep
 * version and digest, their log begins behind them, and no request before is remembered.
 *
 * <p>Until {@link #finish} has returned the directory does not open as a store; after a failure,
 * delete it.
 *
 * <pre>{@code
 * try (RocksImport target = RocksImport.begin(options)) {
 *   source.exportSnapshot(target);
 *   target.finish();
 * }
 * }</pre>
 */
public final class RocksImport implements SnapshotSink, AutoCloseable {
  private static final long BATCH_BYTES = 1 << 20;

  private final RocksOptions options;
  private final OpenedStore store;
  private final WriteOptions unsynced = new WriteOptions();
  private RowBatch batch;
  private @Nullable Uid org;

  private RocksImport(RocksOptions options, OpenedStore store) {
    this.options = options;
    this.store = store;
    this.batch = new RowBatch(store.handle());
  }

  /**
   * Begins in a new or empty directory.
   *
   * @throws dev.modelgate.store.UnopenableException when there is a store already, or no rights
   */
  public static RocksImport begin(RocksOptions options) {
    return new RocksImport(options, OpenedStore.openForImport(options));
  }

  @Override
  public void head(OrgHead head) {
    org = head.org();
    put(Family.HEADS, Keys.org(head.org()), HeadRow.imported(head).encode());
  }

  @Override
  public void row(Table table, byte[] key, byte[] value) {
    if (org == null) {
      throw new IllegalStateException("a row before the first head");
    }
    if (table.isLogOnly()) {
      throw new UndecodableException("a snapshot holds a row of the log, " + table);
    }
    Rows.check(table, key, value);
    Mutation row = new Mutation.Put(table, key, value);
    put(Family.of(table), Keys.row(org, table, key), value);
    if (IndexRows.of(row) instanceof Mutation.Put index && index.table() != table) {
      put(Family.of(index.table()), Keys.row(org, index.table(), index.key()), index.value());
    }
  }

  private void put(Family family, byte[] key, byte[] value) {
    try {
      batch.put(family, key, value);
      if (batch.bytes() > BATCH_BYTES) {
        store.handle().write(batch, unsynced);
        batch = new RowBatch(store.handle());
      }
    } catch (RocksDBException e) {
      throw new StoreException("the import cannot write: " + RocksErrors.line(e), e);
    }
  }

  /**
   * Makes everything durable and the directory a store.
   *
   * @throws StoreException when that fails
   */
  public void finish() {
    try {
      store.metadata().imported().put(batch);
      // The log of RocksDB is one file sequence: syncing its end syncs all batches before.
      store.handle().write(batch);
      batch = new RowBatch(store.handle());
    } catch (RocksDBException e) {
      throw new StoreException("the import cannot write: " + RocksErrors.line(e), e);
    }
  }

  @Override
  public void close() {
    unsynced.close();
    store.handle().close(options.drainWait());
    store.tuning().close();
  }
}
