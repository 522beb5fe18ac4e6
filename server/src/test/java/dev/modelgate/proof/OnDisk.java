package dev.modelgate.proof;

import dev.modelgate.store.NotAtOnceException;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import org.jspecify.annotations.Nullable;

/** Rows none of which is in memory, for a reader that may not wait. */
record OnDisk(OrgView rows) implements OrgView {
  @Override
  public OrgHead head() {
    return rows.head();
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    throw new NotAtOnceException("on disk");
  }

  @Override
  public RowCursor scan(Table table, byte[] prefix, byte[] from) {
    throw new NotAtOnceException("on disk");
  }
}
