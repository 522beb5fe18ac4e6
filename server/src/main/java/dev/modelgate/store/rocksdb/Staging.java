package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Acceptance;
import dev.modelgate.store.Acceptor;
import dev.modelgate.store.ApplyResult;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.IndexRows;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Position;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * A batch of records on its way into one write batch: log rows, rows, index rows, recent requests,
 * and at the end the heads and the position. Changes nothing outside the write batch.
 */
final class Staging implements AutoCloseable {
  private final RocksHandle handle;
  private final RocksSnapshot base;
  private final WriteBatch batch = new WriteBatch();
  private final Map<Uid, HeadRow> heads = new HashMap<>();
  private final RecentStaging recents;
  private final List<ApplyResult.Applied> outcomes = new ArrayList<>();
  private Position position;

  /**
   * Stages on top of a snapshot.
   *
   * @param base the newest state; retained by the caller
   */
  Staging(RocksHandle handle, RocksSnapshot base, Position position) {
    this.handle = handle;
    this.base = base;
    this.position = position;
    this.recents = new RecentStaging(handle, base, batch);
  }

  /** Decides on the next record and stages its effect. */
  void add(Positioned positioned) {
    if (positioned.position().compareTo(position) <= 0) {
      throw new IllegalArgumentException(
          "position: "
              + positioned.position().value()
              + " (expected: above "
              + position.value()
              + ")");
    }
    LogRecord record = positioned.record();
    Acceptance acceptance;
    try {
      ChangeSet changeSet = decode(record);
      acceptance = Acceptor.decide(head(record.org()).head(), changeSet);
      if (acceptance == Acceptance.ACCEPTED) {
        stage(positioned, changeSet);
      }
    } catch (UndecodableException e) {
      acceptance = Acceptance.UNDECODABLE;
    } catch (RocksDBException e) {
      throw new IllegalStateException("a write batch in memory refused a row", e);
    }
    if (acceptance == Acceptance.ACCEPTED || acceptance == Acceptance.STALE) {
      position = positioned.position();
    }
    outcomes.add(new ApplyResult.Applied(acceptance, head(record.org()).head()));
  }

  /** Reads all of it before anything is staged, so that no half of a bad record is. */
  private static ChangeSet decode(LogRecord record) {
    ChangeSet changeSet = ChangeSetCodec.decode(record.stored());
    if (!changeSet.org().equals(record.org())) {
      throw new UndecodableException("a record of another organization");
    }
    changeSet.mutations().forEach(Rows::check);
    return changeSet;
  }

  private void stage(Positioned positioned, ChangeSet changeSet) throws RocksDBException {
    byte[] stored = positioned.record().stored();
    Uid org = changeSet.org();
    byte[] logValue =
        new ByteWriter(stored.length + 8)
            .fixed64(positioned.position().value())
            .raw(stored)
            .toBytes();
    batch.put(handle.family(Family.LOG), Keys.log(org, changeSet.version()), logValue);
    for (Mutation mutation : changeSet.mutations()) {
      if (mutation.table().isLogOnly()) {
        continue;
      }
      stage(org, mutation);
      Mutation index = IndexRows.of(mutation);
      if (index != mutation) {
        stage(org, index);
      }
    }
    HeadRow before = head(org);
    OrgHead head = Acceptor.advance(before.head(), changeSet, stored);
    heads.put(org, recents.add(before, head, changeSet));
  }

  private void stage(Uid org, Mutation mutation) throws RocksDBException {
    var family = handle.family(Family.of(mutation.table()));
    byte[] key = Keys.row(org, mutation.table(), mutation.key());
    if (mutation instanceof Mutation.Put put) {
      batch.put(family, key, put.value());
    } else {
      batch.delete(family, key);
    }
  }

  private HeadRow head(Uid org) {
    return Objects.requireNonNull(heads.computeIfAbsent(org, base::headRow));
  }

  /** The write batch, complete; after the last {@link #add}. */
  WriteBatch finish() throws RocksDBException {
    for (HeadRow row : heads.values()) {
      if (row.head().version() > 0) {
        batch.put(handle.family(Family.HEADS), Keys.org(row.head().org()), row.encode());
      }
    }
    Metadata.putPosition(handle, batch, position);
    return batch;
  }

  Position position() {
    return position;
  }

  ApplyResult result() {
    return new ApplyResult(outcomes);
  }

  @Override
  public void close() {
    batch.close();
  }
}
