package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.Table;

/**
 * Says that a recipient is to be told of a grant. Stands in the log only, beside the grants of the
 * pair: they hold the note, so that it is in the change set once.
 *
 * <pre>
 *   varint  index of the grant in the GRANTS row of the same key and change set
 * </pre>
 *
 * @param index below {@value GrantRow#GRANTS_MAX}
 */
public record NoticeRow(Uid resource, Uid principal, int index) implements Row {
  /** Refuses an index that no row of grants has. */
  public NoticeRow {
    if (index < 0 || index >= GrantRow.GRANTS_MAX) {
      throw new IllegalArgumentException(
          "a notice of grant " + index + " (expected: below " + GrantRow.GRANTS_MAX + ")");
    }
  }

  @Override
  public Table table() {
    return Table.NOTICES;
  }

  @Override
  public byte[] key() {
    return Layout.key(resource, principal);
  }

  @Override
  public byte[] value() {
    return Layout.begin().varint(index).toBytes();
  }

  /** Reads a logged row. */
  public static NoticeRow decode(byte[] key, byte[] value) {
    ByteReader pair = new ByteReader(key);
    Uid resource = Layout.uid(pair.fixed64());
    Uid principal = Layout.uid(pair.fixed64());
    pair.end();
    return Layout.strictly(
        in -> new NoticeRow(resource, principal, in.varint(GrantRow.GRANTS_MAX - 1)), value);
  }
}
