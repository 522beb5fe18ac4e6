package dev.modelgate.app.state;

import dev.modelgate.store.NotAtOnceException;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import org.jspecify.annotations.Nullable;

/**
 * Rows of which only so many are shown: each row looked for and each step of a walk counts, and one
 * too many throws, for who may not wait may not work for long either. For one thread.
 */
final class BoundedView implements OrgView {
  private final OrgView rows;
  private int left;

  /**
   * Shows rows.
   *
   * @param readsMax how many, 1 or more
   */
  BoundedView(OrgView rows, int readsMax) {
    this.rows = rows;
    this.left = readsMax;
  }

  @Override
  public OrgHead head() {
    return rows.head();
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    count();
    return rows.get(table, key);
  }

  @Override
  public RowCursor scan(Table table, byte[] prefix, byte[] from) {
    count();
    RowCursor cursor = rows.scan(table, prefix, from);
    return new RowCursor() {
      @Override
      public boolean next() {
        count();
        return cursor.next();
      }

      @Override
      public byte[] key() {
        return cursor.key();
      }

      @Override
      public byte[] value() {
        return cursor.value();
      }

      @Override
      public void close() {
        cursor.close();
      }
    };
  }

  private void count() {
    if (--left < 0) {
      throw new NotAtOnceException("too many rows to read at once");
    }
  }
}
