package dev.modelgate.store;

/**
 * An absolute change of one row of one table that is no index: applying it needs no business rule
 * and no earlier state, so that no two versions of the program can apply it differently. The byte
 * arrays belong to the mutation and must not be changed.
 */
public sealed interface Mutation {
  /** The table that changes. */
  Table table();

  /** The row that changes. */
  byte[] key();

  /** The row is there afterwards with exactly that value. */
  record Put(Table table, byte[] key, byte[] value) implements Mutation {}

  /** The row is not there afterwards, whether it was before or not. */
  record Delete(Table table, byte[] key) implements Mutation {}
}
