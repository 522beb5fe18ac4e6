package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Position;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The rows of the log of an organization that is loaded. They come in the order of their keys and
 * no import reads them, so they go into a file at once.
 */
final class LoadLog implements AutoCloseable {
  private static final long FILE_BYTES = 32 << 20;

  private final Uid org;
  private final LoadFiles files;
  private final byte[] position;
  private @Nullable LoadFile file;

  /**
   * No rows yet.
   *
   * @param position which all rows get; only that of the last change set is known to the log
   */
  LoadLog(Uid org, LoadFiles files, Position position) {
    this.org = org;
    this.files = files;
    this.position = new ByteWriter(8).fixed64(position.value()).toBytes();
  }

  /**
   * Adds the next one.
   *
   * @throws dev.modelgate.store.StoreException when that fails
   */
  void put(long version, byte[] stored) {
    try {
      LoadFile open = file == null ? files.open(Family.LOG) : file;
      file = open;
      open.put(Keys.log(org, version), Keys.concat(position, stored));
      if (open.bytes() > FILE_BYTES) {
        finish();
      }
    } catch (RocksDBException e) {
      throw LoadFiles.failed(e);
    }
  }

  /**
   * Makes all of them durable.
   *
   * @throws dev.modelgate.store.StoreException when that fails
   */
  void finish() {
    LoadFile open = file;
    if (open != null) {
      file = null;
      try (open) {
        files.move(open);
      } catch (RocksDBException e) {
        throw LoadFiles.failed(e);
      }
    }
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
