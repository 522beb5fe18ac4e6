package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The replica as plain sorted maps: the reference that the RocksDB store is compared with, and the
 * fake of tests. Simple before fast: a batch copies every organization that it changes.
 *
 * <p>Nothing survives the process, yet a write of unknown outcome can be played: {@link Faults}
 * decides whether a failed batch is there after {@link #reopen}.
 */
public final class MemoryReplica implements Replica {
  /** What goes wrong around a write; by default nothing. */
  public interface Faults {
    /** Nothing goes wrong. */
    Faults NONE = new Faults() {};

    /** May throw {@link StoreException}: nothing of the batch will be there. */
    default void beforeWrite(List<Positioned> batch) {}

    /** May throw {@link StoreException}: all of the batch will be there after the reopening. */
    default void afterWrite(List<Positioned> batch) {}

    /** May throw {@link StoreException}: it cannot be reopened yet. */
    default void beforeReopen() {}

    /**
     * Before each row that a reader who may not wait is shown; may throw {@link
     * NotAtOnceException}, as if it were on disk.
     */
    default void beforeReadAtOnce() {}
  }

  private final LogIdentity identity;
  private final RowCheck rowCheck;
  private final Faults faults;
  private MemoryState durable = MemoryState.EMPTY;
  private volatile MemoryState visible = durable;
  private boolean failed;

  /** An empty replica of a new lineage. */
  public MemoryReplica(RowCheck rowCheck) {
    this(LineageId.random(), rowCheck, Faults.NONE);
  }

  /** An empty replica with faults. */
  public MemoryReplica(LineageId lineage, RowCheck rowCheck, Faults faults) {
    this.identity = new LogIdentity(lineage, Shard.COUNT);
    this.rowCheck = rowCheck;
    this.faults = faults;
  }

  /** Reads what another replica exported, under a new lineage. */
  public static MemoryReplica importing(RowCheck rowCheck, Replica source) {
    MemoryReplica replica = new MemoryReplica(rowCheck);
    MemoryState.Edit edit = MemoryState.EMPTY.edit();
    source.exportSnapshot(edit.importer());
    replica.durable = edit.finish(Position.START);
    replica.visible = replica.durable;
    return replica;
  }

  @Override
  public LogIdentity identity() {
    return identity;
  }

  @Override
  public synchronized ApplyResult apply(List<Positioned> batch) {
    if (failed) {
      throw new StoreException("a write failed; the store has to be reopened");
    }
    MemoryState.Edit edit = durable.edit();
    List<ApplyResult.Applied> outcomes = new ArrayList<>(batch.size());
    Position position = durable.position();
    for (Positioned positioned : batch) {
      if (positioned.position().compareTo(position) <= 0) {
        throw new IllegalArgumentException(
            "position: "
                + positioned.position().value()
                + " (expected: above "
                + position.value()
                + ")");
      }
      Acceptance acceptance = apply(edit, positioned.record());
      if (acceptance == Acceptance.ACCEPTED || acceptance == Acceptance.STALE) {
        position = positioned.position();
      }
      outcomes.add(new ApplyResult.Applied(acceptance, edit.head(positioned.record().org())));
    }
    MemoryState next = edit.finish(position);
    failed = true;
    faults.beforeWrite(batch);
    durable = next;
    faults.afterWrite(batch);
    visible = next;
    failed = false;
    return new ApplyResult(outcomes);
  }

  private Acceptance apply(MemoryState.Edit edit, LogRecord record) {
    ChangeSet changeSet;
    try {
      changeSet = ChangeSetCodec.decode(record.stored());
      changeSet.mutations().forEach(rowCheck::check);
    } catch (UndecodableException e) {
      return Acceptance.UNDECODABLE;
    }
    if (!changeSet.org().equals(record.org())) {
      return Acceptance.UNDECODABLE;
    }
    Acceptance acceptance = Acceptor.decide(edit.head(record.org()), changeSet);
    if (acceptance == Acceptance.ACCEPTED) {
      edit.accept(changeSet, record);
    }
    return acceptance;
  }

  @Override
  public StoreSnapshot snapshot() {
    return new MemorySnapshot(visible, faults::beforeReadAtOnce);
  }

  @Override
  public Optional<Recent> recent(Uid org, Actor actor, RequestId requestId) {
    return Optional.ofNullable(visible.org(org).recents().get(actor + " " + requestId.text()));
  }

  @Override
  public long recentSince(Uid org) {
    return visible.org(org).recentSince();
  }

  @Override
  public Optional<LogRecord> read(Uid org, long version) {
    return Optional.ofNullable(visible.org(org).log().get(version));
  }

  @Override
  public synchronized void reopen() {
    faults.beforeReopen();
    visible = durable;
    failed = false;
  }

  @Override
  public void exportSnapshot(SnapshotSink sink) {
    visible.export(sink);
  }

  @Override
  public void close() {}
}
