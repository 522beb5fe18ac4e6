package dev.modelgate.app.query;

import dev.modelgate.store.ByteWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Fills one page from a walk over rows, with a bound on the rows looked at, so that a listing in
 * which little is visible gives short pages and not long waits.
 *
 * <p>Not for use by several threads. A walk offers each row in order, and stops when {@link #offer}
 * answers false; the page then goes on at the last row that was taken in or left out.
 *
 * @param <T> what the page shows
 */
final class Walk<T> {
  private static final int ROWS_MAX = 5_000;

  private final PageScope scope;
  private final int size;
  private final List<T> items = new ArrayList<>();
  private byte[] last = {};
  private int rows;
  private boolean more;

  Walk(PageScope scope, PageRequest page) {
    this.scope = scope;
    this.size = page.size();
  }

  /**
   * Offers the next row.
   *
   * @param position where the row lies; the next page begins behind it
   * @param shown whether the page shows it
   * @param item made only for a row that is shown
   * @return whether to go on; false has not taken the row in
   */
  boolean offer(ByteWriter position, boolean shown, Supplier<T> item) {
    if (items.size() >= size || rows >= ROWS_MAX) {
      more = true;
      return false;
    }
    rows++;
    if (shown) {
      items.add(item.get());
    }
    last = position.toBytes();
    return true;
  }

  /** The page. */
  Page<T> page() {
    return new Page<>(items, more ? scope.token(last) : "");
  }
}
