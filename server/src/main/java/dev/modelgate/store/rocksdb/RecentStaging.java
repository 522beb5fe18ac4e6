package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Recent;
import dev.modelgate.store.RecentWindow;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/**
 * Stages what is remembered of requests, and forgets by {@link RecentWindow} what has left the
 * window. Looks for what to forget in the snapshot below the batch alone: what the batch itself
 * remembers is the newest.
 */
final class RecentStaging {
  private final RocksSnapshot base;
  private final RowBatch batch;
  private final Set<ByteBuffer> staged = new HashSet<>();

  RecentStaging(RocksSnapshot base, RowBatch batch) {
    this.base = base;
    this.batch = batch;
  }

  /**
   * Remembers the request of a change set that made {@code head}; the row of that head.
   *
   * @param forgets whether the snapshot shows what may have left the window
   */
  HeadRow add(HeadRow before, OrgHead head, ChangeSet changeSet, boolean forgets) {
    Uid org = head.org();
    long count = before.recentCount();
    if (changeSet.requestId().isPresent()) {
      byte[] hash = Keys.requestHash(changeSet.actor(), changeSet.requestId());
      Recent recent = new Recent(head.version(), changeSet.commandDigest(), head.at());
      batch.put(Family.RECENT, Keys.recentByRequest(org, hash), RecentRow.encode(recent));
      byte[] byVersion = Keys.recentByVersion(org, head.version());
      batch.put(Family.RECENT, byVersion, RecentRow.expiry(recent, hash));
      staged.add(request(org, hash));
      count++;
    }
    Instant oldest = before.recentCount() == 0 ? head.at() : before.oldestRecent();
    HeadRow row = new HeadRow(head, before.logBase(), before.recentSince(), count, oldest);
    return forgets ? forget(row) : row;
  }

  private HeadRow forget(HeadRow row) {
    Uid org = row.head().org();
    Instant now = row.head().at();
    boolean due =
        row.recentCount() > RecentWindow.ENTRIES_MAX
            || row.recentCount() > 0 && RecentWindow.isTooOld(row.oldestRecent(), now);
    if (!due) {
      return row;
    }
    long since = row.recentSince();
    long count = row.recentCount();
    Instant oldest = row.oldestRecent();
    byte[] from = Keys.recentByVersion(org, since + 1);
    try (RocksCursor entries = base.scan(Family.RECENT, Keys.recentVersions(org), from)) {
      for (int i = 0; i < RecentWindow.FORGOTTEN_PER_CHANGE_MAX && entries.next(); i++) {
        oldest = RecentRow.expiryAt(entries.value());
        if (count <= RecentWindow.ENTRIES_MAX && !RecentWindow.isTooOld(oldest, now)) {
          break;
        }
        since = Keys.versionOf(entries.key());
        forget(org, since, entries);
        count--;
      }
    }
    return new HeadRow(row.head(), row.logBase(), since, count, oldest);
  }

  /** Spares the request's own row when a later change set used the same id again. */
  private void forget(Uid org, long version, RocksCursor entry) {
    byte[] hash = RecentRow.expiryHash(entry.value());
    batch.delete(Family.RECENT, entry.key());
    boolean newest = base.recent(org, hash).filter(r -> r.version() == version).isPresent();
    if (newest && !staged.contains(request(org, hash))) {
      batch.delete(Family.RECENT, Keys.recentByRequest(org, hash));
    }
  }

  private static ByteBuffer request(Uid org, byte[] hash) {
    return ByteBuffer.wrap(Keys.recentByRequest(org, hash));
  }
}
