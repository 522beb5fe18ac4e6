package dev.modelgate.store;

/**
 * A walk over rows in key order. Not for use by several threads. Close it.
 *
 * <pre>{@code
 * try (RowCursor rows = view.scan(Table.MEMBERS, prefix, NONE)) {
 *   while (rows.next()) { ... rows.key() ... rows.value() ... }
 * }
 * }</pre>
 */
public interface RowCursor extends AutoCloseable {
  /**
   * Steps to the next row; false when there are no more.
   *
   * @throws StoreException when the walk ended for any other reason than its end (hazard 4)
   */
  boolean next();

  /** The row's key below the organization; the array is the caller's. */
  byte[] key();

  /** The row's value; the array is the caller's. */
  byte[] value();

  @Override
  void close();
}
