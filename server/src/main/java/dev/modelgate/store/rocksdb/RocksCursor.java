package dev.modelgate.store.rocksdb;

import dev.modelgate.store.RowCursor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * A walk over the keys with one prefix, and the only owner of RocksDB iterators: an iterator that
 * stops says by {@code status()} alone whether it stopped at the end or at damage (hazard 4).
 *
 * <p>While it is open, the database cannot be closed.
 */
final class RocksCursor implements RowCursor {
  private final RocksHandle handle;
  private final int entered;
  private final Family family;
  private final int prefixBytes;
  private final @Nullable Slice upper;
  private final ReadOptions readOptions;
  private final RocksIterator iterator;
  private boolean started;
  private boolean closed;

  /**
   * Stands before the first key.
   *
   * @param base the options to read with; copied
   * @param prefix what the keys begin with
   * @param hidden how many bytes of a key {@link #key} leaves out
   * @param from the first whole key to look at, not before the prefix
   */
  RocksCursor(
      RocksHandle handle, Family family, ReadOptions base, byte[] prefix, int hidden, byte[] from) {
    this.handle = handle;
    this.entered = handle.guard().enter();
    this.family = family;
    this.prefixBytes = hidden;
    byte[] behind = Keys.behind(prefix);
    this.upper = behind == null ? null : new Slice(behind);
    this.readOptions = new ReadOptions(base);
    if (upper != null) {
      readOptions.setIterateUpperBound(upper);
    }
    this.iterator = handle.iterator(family, readOptions);
    iterator.seek(from);
  }

  @Override
  public boolean next() {
    if (closed) {
      throw new IllegalStateException("the cursor is closed");
    }
    if (started) {
      requireRow();
      iterator.next();
    }
    started = true;
    if (iterator.isValid()) {
      return true;
    }
    try {
      iterator.status();
    } catch (RocksDBException e) {
      throw RocksErrors.read("table " + family.storedName(), e);
    }
    return false;
  }

  @Override
  public byte[] key() {
    requireRow();
    byte[] key = iterator.key();
    return prefixBytes == 0 ? key : Arrays.copyOfRange(key, prefixBytes, key.length);
  }

  @Override
  public byte[] value() {
    requireRow();
    return iterator.value();
  }

  private void requireRow() {
    if (closed || !started || !iterator.isValid()) {
      throw new IllegalStateException("the cursor does not stand on a row");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      iterator.close();
      readOptions.close();
      if (upper != null) {
        upper.close();
      }
      handle.guard().exit(entered);
    }
  }
}
