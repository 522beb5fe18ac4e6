package dev.modelgate.app.commit;

import dev.modelgate.store.ByteReader;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads all grants of a resource at once when a file has several of it in a row, as every export
 * does: one walk costs about as much as three reads of single rows. Says what the view says, for as
 * long as that is one state. Not thread-safe.
 */
final class GrantsAhead {
  /** Single rows of a resource that are read before all are; less would not pay. */
  private static final int SINGLE_ROWS = 2;

  /** The most rows that are read ahead; of a resource with more, single rows are. */
  private static final int ROWS_MAX = 1_024;

  private static final int KEY_BYTES = 16;
  private static final int PREFIX_BYTES = 8;
  private static final byte[] START = {};

  private final OrgView view;
  private final Map<Long, byte[]> ahead = new HashMap<>();
  private byte[] resource = START;
  private int singles;
  private boolean complete;

  GrantsAhead(OrgView view) {
    this.view = view;
  }

  /** The value of a row of {@link Table#GRANTS}; null when there is none. */
  byte @Nullable [] get(byte[] key) {
    if (key.length != KEY_BYTES) {
      return view.get(Table.GRANTS, key);
    }
    if (!Arrays.equals(resource, 0, resource.length, key, 0, PREFIX_BYTES)) {
      resource = Arrays.copyOf(key, PREFIX_BYTES);
      ahead.clear();
      complete = false;
      singles = 0;
    }
    if (!complete && singles++ == SINGLE_ROWS) {
      complete = read();
    }
    byte[] found = complete ? ahead.get(principal(key)) : view.get(Table.GRANTS, key);
    return complete && found != null ? found.clone() : found;
  }

  /** Whether all rows of the resource were read. */
  private boolean read() {
    try (RowCursor rows = view.scan(Table.GRANTS, resource, START)) {
      while (rows.next()) {
        if (ahead.size() == ROWS_MAX) {
          ahead.clear();
          return false;
        }
        ahead.put(principal(rows.key()), rows.value());
      }
      return true;
    }
  }

  private static long principal(byte[] key) {
    ByteReader pair = new ByteReader(key);
    pair.fixed64();
    return pair.fixed64();
  }
}
