package dev.modelgate.store;

/**
 * Fills one organization that has nothing yet with many change sets, past the queue of the log
 * (hazard 25). They lie where they belong and nobody sees any of them, until the last one, which
 * {@link #seal} hands out, was appended to the log: applying it writes the head, and by that makes
 * all of them.
 *
 * <pre>{@code
 * try (BulkLoad load = replica.load(org).orElseThrow()) {
 *   for (...) {
 *     load.add(changeSetOver(load.view()));
 *   }
 *   log.append(load.seal());
 * }
 * }</pre>
 *
 * <p>While it is open, nothing else may be appended for the organization. What holds one in memory
 * is bounded, whatever is added. One thread.
 */
public interface BulkLoad extends AutoCloseable {
  /** The state behind the last change set that was added; until the next one is. */
  OrgView view();

  /**
   * Adds the next change set.
   *
   * @param record of that change set
   * @throws IllegalArgumentException when it does not follow the last one
   * @throws UndecodableException when a row is none that this version writes; nothing was added
   * @throws StoreException when it cannot be written; then the load can only be closed
   */
  void add(ChangeSet changeSet, LogRecord record);

  /**
   * Makes all but the last change set durable, and hands that out. Nothing can be added any more.
   *
   * @throws StoreException when that fails; then the load can only be closed
   */
  LogRecord seal();

  /**
   * Ends it, and takes away what was loaded unless the last change set was applied. Where that
   * cannot be done now, the next load or opening does it.
   */
  @Override
  void close();
}
