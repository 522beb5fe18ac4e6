package dev.modelgate.store;

import dev.modelgate.model.Uid;
import org.jspecify.annotations.Nullable;

/** The rows of an organization that is not there yet: none. */
public final class NoRows implements OrgView {
  private static final RowCursor NOTHING =
      new RowCursor() {
        @Override
        public boolean next() {
          return false;
        }

        @Override
        public byte[] key() {
          throw new IllegalStateException("a cursor over nothing stands on no row");
        }

        @Override
        public byte[] value() {
          throw new IllegalStateException("a cursor over nothing stands on no row");
        }

        @Override
        public void close() {}
      };

  private final Uid org;

  /** Of that organization. */
  public NoRows(Uid org) {
    this.org = org;
  }

  @Override
  public OrgHead head() {
    return OrgHead.empty(org);
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    return null;
  }

  @Override
  public RowCursor scan(Table table, byte[] prefix, byte[] from) {
    return NOTHING;
  }
}
