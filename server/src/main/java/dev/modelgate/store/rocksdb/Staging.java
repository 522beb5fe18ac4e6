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
import org.jspecify.annotations.Nullable;

/**
 * A batch of records on its way into one write: log rows, rows, index rows, recent requests, and at
 * the end the heads and the position. Changes nothing outside the batch.
 */
final class Staging {
  private final RocksSnapshot base;
  private final @Nullable HeadRow loaded;
  private final RowBatch batch;
  private final Map<Uid, HeadRow> heads = new HashMap<>();
  private final RecentStaging recents;
  private final List<ApplyResult.Applied> outcomes = new ArrayList<>();
  private Position position;

  /**
   * Stages on top of a snapshot.
   *
   * @param base the newest state; retained by the caller
   * @param loaded the head of an organization whose rows were loaded, and who has it with the next
   *     change set; null when there is none
   */
  Staging(RocksHandle handle, RocksSnapshot base, Position position, @Nullable HeadRow loaded) {
    this.batch = new RowBatch(handle);
    this.base = base;
    this.loaded = loaded;
    this.position = position;
    this.recents = new RecentStaging(base, batch);
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

  private void stage(Positioned positioned, ChangeSet changeSet) {
    byte[] stored = positioned.record().stored();
    Uid org = changeSet.org();
    byte[] position = new ByteWriter(8).fixed64(positioned.position().value()).toBytes();
    batch.put(Family.LOG, Keys.log(org, changeSet.version()), position, stored);
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
    heads.put(org, recents.add(before, head, changeSet, !before.equals(loaded)));
  }

  private void stage(Uid org, Mutation mutation) {
    Family family = Family.of(mutation.table());
    byte[] prefix = Keys.tablePrefix(org, mutation.table());
    if (mutation instanceof Mutation.Put put) {
      batch.putUnder(family, prefix, mutation.key(), put.value());
    } else {
      batch.deleteUnder(family, prefix, mutation.key());
    }
  }

  private HeadRow head(Uid org) {
    return Objects.requireNonNull(heads.computeIfAbsent(org, this::headBefore));
  }

  private HeadRow headBefore(Uid org) {
    HeadRow stored = base.headRow(org);
    boolean isLoaded =
        loaded != null && loaded.head().org().equals(org) && stored.head().version() == 0;
    return isLoaded ? Objects.requireNonNull(loaded) : stored;
  }

  /** Whether the organization that was loaded has a head with this batch. */
  boolean completesLoaded() {
    HeadRow row = loaded == null ? null : heads.get(loaded.head().org());
    return row != null && !row.equals(loaded);
  }

  /** All rows; after the last {@link #add}. */
  RowBatch finish() {
    for (HeadRow row : heads.values()) {
      if (row.head().version() > 0 && !row.equals(loaded)) {
        batch.put(Family.HEADS, Keys.org(row.head().org()), row.encode());
      }
    }
    if (completesLoaded()) {
      Metadata.deleteLoading(batch);
    }
    Metadata.putPosition(batch, position);
    return batch;
  }

  Position position() {
    return position;
  }

  ApplyResult result() {
    return new ApplyResult(outcomes);
  }
}
