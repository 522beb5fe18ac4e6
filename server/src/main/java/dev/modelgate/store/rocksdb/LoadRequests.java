package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Recent;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.RocksDBException;

/**
 * What is remembered of the requests of an organization that is loaded, as {@link RecentStaging}
 * does it, but that none is forgotten: a load that lasts longer than the window leaves that to the
 * change sets behind it.
 */
final class LoadRequests {
  /** What the two rows of a request take, with what they take beside their bytes. */
  private static final long REQUEST_BYTES = 512;

  private final Uid org;
  private final Map<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);

  LoadRequests(Uid org) {
    this.org = org;
  }

  /** Remembers the request of a change set that made {@code head}; the row of that head. */
  HeadRow add(HeadRow before, OrgHead head, ChangeSet changeSet) {
    long count = before.recentCount();
    if (changeSet.requestId().isPresent()) {
      byte[] hash = Keys.requestHash(changeSet.actor(), changeSet.requestId());
      Recent recent = new Recent(head.version(), changeSet.commandDigest(), head.at());
      rows.put(Keys.recentByRequest(org, hash), RecentRow.encode(recent));
      rows.put(Keys.recentByVersion(org, head.version()), RecentRow.expiry(recent, hash));
      count++;
    }
    return new HeadRow(
        head, 0, 0, count, before.recentCount() == 0 ? head.at() : before.oldestRecent());
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** How many bytes of the heap they take, about. */
  long bytes() {
    return rows.size() / 2 * REQUEST_BYTES;
  }

  /** Puts all rows. */
  void into(LoadFile file) throws RocksDBException {
    for (Map.Entry<byte[], byte[]> row : rows.entrySet()) {
      file.put(row.getKey(), row.getValue());
    }
  }

  void clear() {
    rows.clear();
  }
}
