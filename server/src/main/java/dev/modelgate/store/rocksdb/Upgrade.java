package dev.modelgate.store.rocksdb;

import dev.modelgate.store.IndexRows;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Table;
import org.rocksdb.RocksDBException;

/**
 * Brings a store of an older schema to this version's. To one of schema 1 it adds the index {@link
 * Table#DELETED_NAMES}, from the rows that it follows from: it reads every principal that ever was,
 * once. One of schema 2 has all that schema 3 has.
 *
 * <p>The schema is written last. What was interrupted before that is done again by the next
 * opening, and changes nothing that is there already.
 */
final class Upgrade {
  private static final long BATCH_BYTES = 1 << 20;
  private static final long DELETED_NAMES_SINCE = 2;

  private final RocksOptions options;
  private final RocksHandle handle;
  private final RocksSnapshot snapshot;

  Upgrade(RocksOptions options, RocksHandle handle, RocksSnapshot snapshot) {
    this.options = options;
    this.handle = handle;
    this.snapshot = snapshot;
  }

  /**
   * Upgrades; what the store says of itself then.
   *
   * @throws dev.modelgate.store.StoreException when a row cannot be read or written
   */
  Metadata from(Metadata metadata) {
    Metadata upgraded = metadata.upgraded();
    try {
      RowBatch batch =
          metadata.schema() < DELETED_NAMES_SINCE ? deletedNames() : new RowBatch(handle);
      upgraded.put(batch);
      handle.write(batch);
    } catch (RocksDBException e) {
      throw RocksErrors.open(options.directory(), e);
    }
    return upgraded;
  }

  /** Writes the index; the rest of it is in the batch. */
  private RowBatch deletedNames() throws RocksDBException {
    RowBatch batch = new RowBatch(handle);
    try (RocksCursor rows = snapshot.scan(Family.PRINCIPAL_UIDS, Keys.empty(), Keys.empty())) {
      while (rows.next()) {
        Mutation row = new Mutation.Put(Table.PRINCIPAL_UIDS, rows.key(), rows.value());
        if (IndexRows.of(row) instanceof Mutation.Put index
            && index.table() == Table.DELETED_NAMES) {
          batch.put(
              Family.of(index.table()),
              Keys.row(Keys.orgOf(rows.key()), index.table(), index.key()),
              index.value());
          batch = writtenIfFull(batch);
        }
      }
    }
    return batch;
  }

  private RowBatch writtenIfFull(RowBatch batch) throws RocksDBException {
    if (batch.bytes() <= BATCH_BYTES) {
      return batch;
    }
    handle.write(batch);
    return new RowBatch(handle);
  }
}
