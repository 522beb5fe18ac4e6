package dev.modelgate.app.commit;

import dev.modelgate.store.Table;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows by table and key in one array, for objects of their own would take twice the memory and the
 * collector's time. A row that is added again counts as it was added last.
 *
 * <pre>
 *   int    hash of table and key
 *   int    length of the value, -1 for a row that is not there, -2 for one that is too long to keep
 *   short  length of the key
 *   byte   number of the table
 *   key, value
 * </pre>
 */
final class RememberedRows {
  /** What {@link #find} answers for a row of which nothing is known. */
  static final int UNKNOWN = -1;

  /** The longest key, and the longest value, that is kept. */
  private static final int FIELD_BYTES_MAX = 4_096;

  private static final int HEADER_BYTES = 11;
  private static final int ABSENT = -1;
  private static final int TOO_LONG = -2;
  private static final int BYTES_FIRST = 1 << 14;
  private static final int SLOTS_FIRST = 1 << 8;

  private final int bytesMax;
  private ByteBuffer rows = ByteBuffer.allocate(BYTES_FIRST);

  /** Offset of a row plus 1, or 0; by hash, then the next free one; at most half of them full. */
  private int[] slots = new int[SLOTS_FIRST];

  private int count;

  /**
   * No rows yet.
   *
   * @param bytesMax the most bytes of rows; the index takes less than that again
   */
  RememberedRows(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Where a row is, or {@link #UNKNOWN}. */
  int find(Table table, byte[] key) {
    int at = slots[slot(hash(table, key), table, key)] - 1;
    return at >= 0 && rows.getInt(at + 4) != TOO_LONG ? at : UNKNOWN;
  }

  /** A copy of the value of a row that was found; null for one that is not there. */
  byte @Nullable [] value(int at) {
    int length = rows.getInt(at + 4);
    if (length == ABSENT) {
      return null;
    }
    byte[] value = new byte[length];
    rows.get(at + HEADER_BYTES + rows.getShort(at + 8), value);
    return value;
  }

  /** Adds a row; false when there is no room for it. */
  boolean add(Table table, byte[] key, byte @Nullable [] value) {
    if (key.length > FIELD_BYTES_MAX) {
      return true; // Neither is it ever found.
    }
    boolean tooLong = value != null && value.length > FIELD_BYTES_MAX;
    byte[] kept = value == null || tooLong ? new byte[0] : value;
    int at = rows.position();
    int bytes = HEADER_BYTES + key.length + kept.length;
    if (at + bytes > bytesMax) {
      return false;
    }
    makeRoom(bytes);
    int hash = hash(table, key);
    int slot = slot(hash, table, key);
    count += slots[slot] == 0 ? 1 : 0;
    slots[slot] = at + 1;
    rows.putInt(hash)
        .putInt(value == null ? ABSENT : tooLong ? TOO_LONG : value.length)
        .putShort((short) key.length)
        .put((byte) table.number())
        .put(key)
        .put(kept);
    return true;
  }

  void clear() {
    rows.clear();
    Arrays.fill(slots, 0);
    count = 0;
  }

  private void makeRoom(int bytes) {
    if (rows.remaining() < bytes) {
      int capacity = Math.min(bytesMax, Math.max(rows.capacity() * 2, rows.position() + bytes));
      rows = ByteBuffer.allocate(capacity).put(rows.flip());
    }
    if (count >= slots.length / 2) {
      int[] fewer = slots;
      slots = new int[fewer.length * 2];
      for (int offset : fewer) {
        if (offset != 0) {
          slots[freeSlot(rows.getInt(offset - 1))] = offset;
        }
      }
    }
  }

  private int freeSlot(int hash) {
    int slot = hash & slots.length - 1;
    while (slots[slot] != 0) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  /** The slot of that row, or the one that it would get. */
  private int slot(int hash, Table table, byte[] key) {
    int slot = hash & slots.length - 1;
    while (slots[slot] != 0 && !isRow(slots[slot] - 1, hash, table, key)) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  /** Whether that row is there: the whole key is compared (hazard 15). */
  private boolean isRow(int at, int hash, Table table, byte[] key) {
    int begin = at + HEADER_BYTES;
    return rows.getInt(at) == hash
        && rows.getShort(at + 8) == key.length
        && rows.get(at + 10) == (byte) table.number()
        && Arrays.equals(rows.array(), begin, begin + key.length, key, 0, key.length);
  }

  private static int hash(Table table, byte[] key) {
    int hash = Arrays.hashCode(key) * 31 + table.number();
    hash *= 0x9e3779b1;
    return hash ^ hash >>> 15;
  }
}
