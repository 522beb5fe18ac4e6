package dev.modelgate.store.rocksdb;

import java.nio.file.Path;
import java.time.Duration;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** Makes stores as a later version of the program might leave them. */
public final class NewerStore {
  private NewerStore() {}

  /** A store with a schema number that this version does not know. */
  public static void create(Path store) {
    RocksOptions options = RocksOptions.of(store);
    RocksReplica.open(options).close();
    OpenedStore opened = OpenedStore.open(options);
    try (WriteBatch batch = new WriteBatch();
        WriteOptions synced = new WriteOptions().setSync(true)) {
      batch.put(opened.handle().family(Family.METADATA), Keys.metadata("schema"), schema());
      opened.handle().database().write(synced, batch);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
    opened.handle().close(Duration.ZERO);
  }

  private static byte[] schema() {
    return new dev.modelgate.store.ByteWriter(8).fixed64(1_000).toBytes();
  }
}
