package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A {@link MemoryState} behind the counting of {@link StoreSnapshot}: reading it without a share
 * throws, so that a test finds a reader that forgot to retain.
 */
final class MemorySnapshot implements StoreSnapshot {
  private final MemoryState state;
  private final Runnable beforeReadAtOnce;
  private final AtomicInteger shares = new AtomicInteger(1);

  MemorySnapshot(MemoryState state, Runnable beforeReadAtOnce) {
    this.state = state;
    this.beforeReadAtOnce = beforeReadAtOnce;
  }

  @Override
  public boolean tryRetain() {
    return shares.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  @Override
  public void release() {
    if (shares.getAndUpdate(n -> n == 0 ? 0 : n - 1) == 0) {
      throw new IllegalStateException("a snapshot was released more often than retained");
    }
  }

  @Override
  public Position position() {
    return state.position();
  }

  @Override
  public OrgHead head(Uid org) {
    return open().org(org).head();
  }

  @Override
  public OrgView view(Uid org) {
    return new View(org, () -> {});
  }

  @Override
  public OrgView viewAtOnce(Uid org) {
    return new View(org, beforeReadAtOnce);
  }

  private MemoryState open() {
    if (shares.get() == 0) {
      throw new StoreException("the snapshot was released");
    }
    return state;
  }

  private final class View implements OrgView {
    private final Uid org;
    private final Runnable beforeRead;

    View(Uid org, Runnable beforeRead) {
      this.org = org;
      this.beforeRead = beforeRead;
    }

    @Override
    public OrgHead head() {
      return MemorySnapshot.this.head(org);
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      beforeRead.run();
      byte[] value = open().org(org).table(table).get(key);
      return value == null ? null : value.clone();
    }

    @Override
    public RowCursor scan(Table table, byte[] prefix, byte[] from) {
      byte[] first = Arrays.compareUnsigned(prefix, from) < 0 ? from : prefix;
      return new Cursor(open().org(org).table(table).tailMap(first, true), prefix, beforeRead);
    }
  }

  private final class Cursor implements RowCursor {
    private final Iterator<Map.Entry<byte[], byte[]>> rows;
    private final byte[] prefix;
    private final Runnable beforeRead;
    private Map.@Nullable Entry<byte[], byte[]> row;

    Cursor(NavigableMap<byte[], byte[]> rows, byte[] prefix, Runnable beforeRead) {
      this.rows = rows.entrySet().iterator();
      this.prefix = prefix;
      this.beforeRead = beforeRead;
    }

    @Override
    public boolean next() {
      beforeRead.run();
      open();
      row = rows.hasNext() ? rows.next() : null;
      if (row != null && !startsWith(row.getKey(), prefix)) {
        row = null;
      }
      return row != null;
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
      return key.length >= prefix.length
          && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    @Override
    public byte[] key() {
      return row().getKey().clone();
    }

    @Override
    public byte[] value() {
      return row().getValue().clone();
    }

    private Map.Entry<byte[], byte[]> row() {
      if (row == null) {
        throw new IllegalStateException("the cursor does not stand on a row");
      }
      return row;
    }

    @Override
    public void close() {}
  }
}
