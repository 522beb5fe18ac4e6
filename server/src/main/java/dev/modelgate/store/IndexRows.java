package dev.modelgate.store;

/**
 * The index rows that follow from a mutation; the same rule for every store. They follow from it
 * alone, in whatever order rows come.
 */
public final class IndexRows {
  private static final byte[] EMPTY = {};

  private IndexRows() {}

  /** Whether index rows may follow from the rows of a table. */
  public static boolean hasIndex(Table table) {
    return table == Table.GRANTS || table == Table.MEMBERS || table == Table.PRINCIPAL_UIDS;
  }

  /** The mutation itself when its table has no index, else that of the index row. */
  public static Mutation of(Mutation mutation) {
    if (mutation instanceof Mutation.Put put && put.table() == Table.PRINCIPAL_UIDS) {
      return ofPrincipal(put);
    }
    Table index =
        switch (mutation.table()) {
          case GRANTS -> Table.GRANTS_BY_PRINCIPAL;
          case MEMBERS -> Table.GROUPS_OF;
          default -> mutation.table();
        };
    if (index == mutation.table()) {
      return mutation;
    }
    ByteReader pair = new ByteReader(mutation.key());
    long first = pair.fixed64();
    byte[] swapped = new ByteWriter(16).fixed64(pair.fixed64()).fixed64(first).toBytes();
    return mutation instanceof Mutation.Put
        ? new Mutation.Put(index, swapped, EMPTY)
        : new Mutation.Delete(index, swapped);
  }

  /** Reads the value as {@code PrincipalUidRow} writes it: format, uid, name, time of deletion. */
  private static Mutation ofPrincipal(Mutation.Put put) {
    ByteReader row = new ByteReader(put.value());
    row.fixed8();
    row.fixed64();
    byte[] name = row.bytes();
    return row.varint() == 0 ? put : new Mutation.Put(Table.DELETED_NAMES, name, EMPTY);
  }
}
