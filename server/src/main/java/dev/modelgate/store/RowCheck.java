package dev.modelgate.store;

/**
 * Says whether a mutation is one that this version of the program can read; {@code
 * dev.modelgate.store.row.Rows::check} (hazard 28). The port knows bytes only, so it is handed in.
 */
@FunctionalInterface
public interface RowCheck {
  /**
   * Passes a mutation.
   *
   * @throws UndecodableException when its row cannot be read
   */
  void check(Mutation mutation);
}
