package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import java.util.List;

/**
 * Says of which grants a recipient is to be told. Stands in the log only, beside the grants of the
 * pair: they hold the notes, so that these are in the change set once.
 *
 * <pre>
 *   varint  number of grants, then of each:
 *     varint  its index in the GRANTS row of the same key and change set
 * </pre>
 *
 * @param indexes ascending, at least one, below {@value GrantRow#GRANTS_MAX}
 */
public record NoticeRow(Uid resource, Uid principal, List<Integer> indexes) implements Row {
  /** Copies the list, and refuses indexes that no row of grants has and any other order. */
  public NoticeRow {
    indexes = List.copyOf(indexes);
    int last = -1;
    for (int index : indexes) {
      if (index <= last || index >= GrantRow.GRANTS_MAX) {
        throw new IllegalArgumentException("a notice of the grants " + indexes);
      }
      last = index;
    }
    if (indexes.isEmpty()) {
      throw new IllegalArgumentException("a notice of nothing");
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
    ByteWriter out = Layout.begin().varint(indexes.size());
    indexes.forEach(out::varint);
    return out.toBytes();
  }

  /** Reads a logged row. */
  public static NoticeRow decode(byte[] key, byte[] value) {
    ByteReader pair = new ByteReader(key);
    Uid resource = Layout.uid(pair.fixed64());
    Uid principal = Layout.uid(pair.fixed64());
    pair.end();
    return Layout.strictly(
        in ->
            new NoticeRow(
                resource, principal, Layout.list(in, next -> next.varint(GrantRow.GRANTS_MAX - 1))),
        value);
  }
}
