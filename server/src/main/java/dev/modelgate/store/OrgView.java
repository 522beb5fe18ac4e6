package dev.modelgate.store;

import org.jspecify.annotations.Nullable;

/**
 * All rows of one organization at one version. Called {@code GrantView} in early designs; it shows
 * all tables.
 *
 * <p>Safe for use by several threads; blocks at most for a disk read. Every read throws {@link
 * StoreException} rather than answer from damage.
 */
public interface OrgView {
  /** The version that this is the state of. */
  OrgHead head();

  /** The value of a row; null when there is none. The array is the caller's. */
  byte @Nullable [] get(Table table, byte[] key);

  /**
   * The rows whose keys begin with {@code prefix} and are not before {@code from}.
   *
   * @param prefix empty for the whole table
   * @param from where to begin, inclusive, a whole key; empty for the first. To go on behind a key,
   *     append a zero byte.
   */
  RowCursor scan(Table table, byte[] prefix, byte[] from);
}
