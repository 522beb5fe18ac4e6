package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Acceptance;
import dev.modelgate.store.ApplyResult;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.Digest;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Position;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rocksdb.RocksDBException;

/**
 * Checks one snapshot in full. Organizations whose log begins with an import are checked from there
 * on by their digests alone, for what was imported is in no log.
 */
final class Verifier {
  private static final int BATCH_RECORDS = 4_096;

  private final RocksHandle handle;
  private final RocksSnapshot snapshot;

  Verifier(RocksHandle handle, RocksSnapshot snapshot) {
    this.handle = handle;
    this.snapshot = snapshot;
  }

  void verify() {
    verifyChecksums();
    try (RocksCursor heads = snapshot.scan(Family.HEADS, Keys.empty(), Keys.empty())) {
      while (heads.next()) {
        HeadRow row = HeadRow.decode(Keys.orgOf(heads.key()), heads.value());
        verifyChain(row);
        if (row.logBase() == 0) {
          verifyRows(row);
        }
      }
    }
  }

  private void verifyChecksums() {
    int entered = handle.guard().enter();
    try {
      handle.database().verifyChecksum();
    } catch (RocksDBException e) {
      throw RocksErrors.read("a table file", e);
    } finally {
      handle.guard().exit(entered);
    }
  }

  private void verifyChain(HeadRow row) {
    Uid org = row.head().org();
    long version = row.logBase();
    Digest digest = version == row.head().version() ? row.head().digest() : Digest.ZERO;
    try (RocksCursor log = snapshot.scan(Family.LOG, Keys.org(org), Keys.log(org, version + 1))) {
      while (log.next()) {
        byte[] stored = RocksSnapshot.storedBytes(log.value());
        ChangeSet changeSet = ChangeSetCodec.decode(stored);
        boolean begins = version == row.logBase() && version > 0;
        if (changeSet.baseVersion() != version
            || !begins && !changeSet.baseDigest().equals(digest)) {
          throw damage(org, "its digest chain breaks behind version " + version);
        }
        digest = changeSet.baseDigest().advance(stored);
        version++;
      }
    }
    if (version != row.head().version() || !digest.equals(row.head().digest())) {
      throw damage(org, "its log ends at version " + version + " and not at its head");
    }
  }

  /** Builds the organization anew from its log and compares every row, index rows included. */
  private void verifyRows(HeadRow row) {
    Uid org = row.head().org();
    try (MemoryReplica rebuilt = new MemoryReplica(Rows::check)) {
      List<Positioned> batch = new ArrayList<>();
      for (long version = 1; version <= row.head().version(); version++) {
        LogRecord record = snapshot.log(org, version).orElseThrow();
        batch.add(new Positioned(new Position(version), record));
        if (batch.size() == BATCH_RECORDS || version == row.head().version()) {
          apply(org, rebuilt, batch);
          batch.clear();
        }
      }
      StoreSnapshot expected = rebuilt.snapshot();
      for (Table table : Table.values()) {
        compare(table, expected.view(org), snapshot.view(org));
      }
    }
  }

  private static void apply(Uid org, MemoryReplica rebuilt, List<Positioned> batch) {
    for (ApplyResult.Applied applied : rebuilt.apply(batch).outcomes()) {
      if (applied.acceptance() != Acceptance.ACCEPTED) {
        throw damage(
            org,
            "its change set " + (applied.head().version() + 1) + " is " + applied.acceptance());
      }
    }
  }

  private static void compare(Table table, OrgView expected, OrgView stored) {
    try (RowCursor left = expected.scan(table, Keys.empty(), Keys.empty());
        RowCursor right = stored.scan(table, Keys.empty(), Keys.empty())) {
      boolean more = left.next();
      boolean same = more == right.next();
      while (more && same) {
        same = Arrays.equals(left.key(), right.key()) && Arrays.equals(left.value(), right.value());
        more = left.next();
        same &= more == right.next();
      }
      if (!same) {
        throw damage(stored.head().org(), "table " + table + " is not what its log adds up to");
      }
    }
  }

  private static CorruptionException damage(Uid org, String finding) {
    return new CorruptionException("organization " + org + ": " + finding);
  }
}
