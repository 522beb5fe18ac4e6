package dev.modelgate.store;

/**
 * Receives a whole store, organization by organization. The order of calls is {@code head row*
 * (head row*)*}.
 *
 * <p>What it wrote elsewhere is read back under a new lineage (hazard 27).
 */
public interface SnapshotSink {
  /** An organization begins. */
  void head(OrgHead head);

  /** A row of it, of a table that is no index. */
  void row(Table table, byte[] key, byte[] value);
}
