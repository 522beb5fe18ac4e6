package dev.modelgate.store.rocksdb;

import dev.modelgate.store.ByteWriter;
import org.rocksdb.WriteBatch;

/**
 * Rows on their way into one write, put together as RocksDB itself does it: in an import as many
 * calls into native code as rows were a seventh of what the committing thread did. In RocksDB's log
 * format, which {@link WriteBatch} reads from bytes and which its own files are made of:
 *
 * <pre>
 *   int64 0, int32 number of rows, little-endian; then each row:
 *   05 | varint family | varint length, key | varint length, value     put
 *   04 | varint family | varint length, key                            delete
 *   01 and 00 without the family                                       the same in family 0
 * </pre>
 *
 * <p>Not thread-safe.
 */
final class RowBatch {
  private static final int DELETE = 0;
  private static final int PUT = 1;
  private static final int IN_FAMILY = 4;
  private static final int BYTES_FIRST = 1 << 12;

  private final RocksHandle handle;
  private final ByteWriter rows = new ByteWriter(BYTES_FIRST);
  private int count;

  /** No rows yet, for one opening of the database. */
  RowBatch(RocksHandle handle) {
    this.handle = handle;
  }

  /** Sets a row. */
  void put(Family family, byte[] key, byte[] value) {
    begin(PUT, family).bytes(key).bytes(value);
  }

  /** Sets a row whose value is put together here. */
  void put(Family family, byte[] key, byte[] begin, byte[] end) {
    begin(PUT, family).bytes(key).varint(begin.length + end.length).raw(begin).raw(end);
  }

  /** Sets a row whose key is put together here. */
  void putUnder(Family family, byte[] prefix, byte[] key, byte[] value) {
    begin(PUT, family).varint(prefix.length + key.length).raw(prefix).raw(key).bytes(value);
  }

  /** Takes a row away. */
  void delete(Family family, byte[] key) {
    begin(DELETE, family).bytes(key);
  }

  /** Takes a row away whose key is put together here. */
  void deleteUnder(Family family, byte[] prefix, byte[] key) {
    begin(DELETE, family).varint(prefix.length + key.length).raw(prefix).raw(key);
  }

  /** How much it is, in bytes. */
  int bytes() {
    return rows.length();
  }

  /** All of it as RocksDB takes it; the caller closes it. */
  WriteBatch toWriteBatch() {
    ByteWriter whole = new ByteWriter(rows.length() + 12).fixed64(0);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      whole.fixed8(count >>> shift);
    }
    return new WriteBatch(whole.raw(rows).toBytes());
  }

  private ByteWriter begin(int kind, Family family) {
    count++;
    int id = handle.id(family);
    return id == 0 ? rows.fixed8(kind) : rows.fixed8(IN_FAMILY + kind).varint(id);
  }
}
