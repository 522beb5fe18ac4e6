package dev.modelgate.store;

/** The index rows that follow from a mutation; the same rule for every store. */
public final class IndexRows {
  private static final byte[] EMPTY = {};

  private IndexRows() {}

  /** The mutation itself when its table has no index, else that of the index row. */
  public static Mutation of(Mutation mutation) {
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
}
