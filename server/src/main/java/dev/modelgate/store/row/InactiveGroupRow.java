package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Table;

/**
 * A group that gives its members nothing, for it is disabled, or deleted and its rows are not yet
 * swept.
 */
public record InactiveGroupRow(Uid uid) implements Row {
  @Override
  public Table table() {
    return Table.INACTIVE_GROUPS;
  }

  @Override
  public byte[] key() {
    return Layout.key(uid);
  }

  @Override
  public byte[] value() {
    return Layout.begin().fixed64(uid.value()).toBytes();
  }

  /** Reads a stored value. */
  public static InactiveGroupRow decode(byte[] value) {
    return Layout.strictly(in -> new InactiveGroupRow(Layout.uid(in.fixed64())), value);
  }
}
