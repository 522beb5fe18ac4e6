package dev.modelgate.store.rocksdb;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.rocksdb.RocksDBException;

/**
 * Rows of an index that a load gathers over many of its files, 17 bytes each, and merges into one:
 * an index is sorted by what the rows come in no order of, so each file of it overlaps all others,
 * and the store would merge them again and again. Only for keys of 16 bytes and empty values.
 */
final class IndexRuns {
  private static final int KEY_BYTES = 16;
  private static final int ROW_BYTES = KEY_BYTES + 1;
  private static final byte PUT = 1;
  private static final byte DELETE = 0;

  /** Each sorted; of equal keys that of the later one holds. */
  private final List<byte[]> runs = new ArrayList<>();

  private long bytes;

  /** What takes the rows in the order of their keys. */
  interface Sink {
    /** A row, or that there is none. */
    void row(byte[] key, boolean there) throws RocksDBException;
  }

  /** Adds rows in the order of their keys; no value where a row is taken away. */
  void add(Map<byte[], Optional<byte[]>> sorted) {
    if (sorted.isEmpty()) {
      return;
    }
    ByteArrayOutputStream run = new ByteArrayOutputStream(sorted.size() * ROW_BYTES);
    sorted.forEach(
        (key, value) -> {
          if (key.length != KEY_BYTES || value.filter(row -> row.length > 0).isPresent()) {
            throw new IllegalArgumentException("no row of an index of pairs");
          }
          run.write(key, 0, KEY_BYTES);
          run.write(value.isPresent() ? PUT : DELETE);
        });
    runs.add(run.toByteArray());
    bytes += run.size();
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  /** How many bytes of the heap they take. */
  long bytes() {
    return bytes;
  }

  void clear() {
    runs.clear();
    bytes = 0;
  }

  /** Puts all rows, each key behind the prefix of its table. */
  void into(LoadFile file, byte[] prefix) throws RocksDBException {
    byte[] none = Keys.empty();
    merge(
        (row, there) -> {
          byte[] key = Keys.concat(prefix, row);
          if (there) {
            file.put(key, none);
          } else {
            file.delete(key);
          }
        });
  }

  /** All rows, each key once. */
  void merge(Sink sink) throws RocksDBException {
    PriorityQueue<Cursor> next = new PriorityQueue<>();
    for (int i = 0; i < runs.size(); i++) {
      next.add(new Cursor(runs.get(i), i));
    }
    byte[] last = {};
    Cursor first = next.poll();
    while (first != null) {
      byte[] key = first.key();
      if (!Arrays.equals(key, last)) {
        sink.row(key, first.isPut());
        last = key;
      }
      if (first.advance()) {
        next.add(first);
      }
      first = next.poll();
    }
  }

  /** A row of a run; of equal keys, that of the latest run comes first. */
  private static final class Cursor implements Comparable<Cursor> {
    private final byte[] run;
    private final int number;
    private int at;

    Cursor(byte[] run, int number) {
      this.run = run;
      this.number = number;
    }

    byte[] key() {
      return Arrays.copyOfRange(run, at, at + KEY_BYTES);
    }

    boolean isPut() {
      return run[at + KEY_BYTES] == PUT;
    }

    boolean advance() {
      at += ROW_BYTES;
      return at < run.length;
    }

    @Override
    public int compareTo(Cursor other) {
      int byKey =
          Arrays.compareUnsigned(
              run, at, at + KEY_BYTES, other.run, other.at, other.at + KEY_BYTES);
      return byKey != 0 ? byKey : Integer.compare(other.number, number);
    }
  }
}
