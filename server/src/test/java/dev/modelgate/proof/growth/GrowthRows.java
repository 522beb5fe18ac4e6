package dev.modelgate.proof.growth;

import dev.modelgate.store.Digest;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.OrgRows;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of one organization in memory, with nothing between them and the rules. */
final class GrowthRows implements OrgView {
  private final Overlay rows = new Overlay(new Nothing());
  private long version;

  /** Lays the mutations of one command over, as one version. */
  void apply(List<Mutation> mutations) {
    mutations.forEach(rows::put);
    version++;
  }

  OrgRows rows() {
    return new OrgRows(this);
  }

  @Override
  public OrgHead head() {
    return new OrgHead(GrowthSetting.ORGANIZATION, version, Digest.ZERO, Instant.EPOCH);
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    return rows.get(table, key);
  }

  @Override
  public RowCursor scan(Table table, byte[] prefix, byte[] from) {
    return rows.scan(table, prefix, from);
  }

  /** What is there before the first command. */
  private static final class Nothing implements OrgView {
    private static final byte[] NONE = {};

    @Override
    public OrgHead head() {
      return OrgHead.empty(GrowthSetting.ORGANIZATION);
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      return null;
    }

    @Override
    public RowCursor scan(Table table, byte[] prefix, byte[] from) {
      return new RowCursor() {
        @Override
        public boolean next() {
          return false;
        }

        @Override
        public byte[] key() {
          return NONE;
        }

        @Override
        public byte[] value() {
          return NONE;
        }

        @Override
        public void close() {}
      };
    }
  }
}
