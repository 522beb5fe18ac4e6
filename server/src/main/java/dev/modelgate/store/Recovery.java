package dev.modelgate.store;

/** Brings the store back after a write of unknown outcome. */
@FunctionalInterface
public interface Recovery {
  /**
   * Reopens the replica and publishes what it holds then; on return the log may append again.
   * Called on the committer thread, again and again with a pause until it succeeds.
   *
   * @throws StoreException when that is not possible yet
   */
  void recover();
}
