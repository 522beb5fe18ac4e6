package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Table;

/**
 * A deleted object whose grants and memberships are still in the tables. They give nothing, for
 * their uid is gone; the sweeper removes them and then this row.
 *
 * @param target what kind of thing was deleted
 */
public record OrphanRow(Uid uid, SuspensionRow.Target target) implements Row {
  private static final SuspensionRow.Target[] TARGETS = SuspensionRow.Target.values();

  @Override
  public Table table() {
    return Table.ORPHANS;
  }

  @Override
  public byte[] key() {
    return Layout.key(uid);
  }

  @Override
  public byte[] value() {
    return Layout.begin().fixed64(uid.value()).varint(target.ordinal()).toBytes();
  }

  /** Reads a stored value. */
  public static OrphanRow decode(byte[] value) {
    return Layout.strictly(
        in -> new OrphanRow(Layout.uid(in.fixed64()), Layout.constant(TARGETS, in)), value);
  }
}
