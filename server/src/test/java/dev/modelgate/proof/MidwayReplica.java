package dev.modelgate.proof;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ApplyResult;
import dev.modelgate.store.LogIdentity;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Position;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.Recent;
import dev.modelgate.store.Replica;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.SnapshotSink;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A replica in which something can happen before any read of a row, so that a test decides what
 * comes between two reads of one evaluation. As a negative control its snapshots show the newest
 * rows, as if readers saw the database (hazard 1).
 */
final class MidwayReplica implements Replica {
  private final Replica inner;
  private final boolean showsNewest;
  private volatile Runnable onRead = () -> {};

  MidwayReplica(Replica inner, boolean showsNewest) {
    this.inner = inner;
    this.showsNewest = showsNewest;
  }

  void onRead(Runnable action) {
    onRead = action;
  }

  @Override
  public LogIdentity identity() {
    return inner.identity();
  }

  @Override
  public ApplyResult apply(List<Positioned> batch) {
    return inner.apply(batch);
  }

  @Override
  public StoreSnapshot snapshot() {
    return new Snapshot(inner.snapshot());
  }

  @Override
  public Optional<Recent> recent(Uid org, Actor actor, RequestId requestId) {
    return inner.recent(org, actor, requestId);
  }

  @Override
  public long recentSince(Uid org) {
    return inner.recentSince(org);
  }

  @Override
  public Optional<LogRecord> read(Uid org, long version) {
    return inner.read(org, version);
  }

  @Override
  public void reopen() {
    inner.reopen();
  }

  @Override
  public void exportSnapshot(SnapshotSink sink) {
    inner.exportSnapshot(sink);
  }

  @Override
  public void close() {
    inner.close();
  }

  private final class Snapshot implements StoreSnapshot {
    private final StoreSnapshot snapshot;

    Snapshot(StoreSnapshot snapshot) {
      this.snapshot = snapshot;
    }

    @Override
    public boolean tryRetain() {
      return snapshot.tryRetain();
    }

    @Override
    public void release() {
      snapshot.release();
    }

    @Override
    public Position position() {
      return snapshot.position();
    }

    @Override
    public OrgHead head(Uid org) {
      return snapshot.head(org);
    }

    @Override
    public OrgView view(Uid org) {
      return new View(snapshot, org);
    }

    /** All is on disk, so that what happens happens on the threads that may wait. */
    @Override
    public OrgView viewAtOnce(Uid org) {
      return new OnDisk(snapshot.view(org));
    }
  }

  private final class View implements OrgView {
    private final StoreSnapshot snapshot;
    private final Uid org;

    View(StoreSnapshot snapshot, Uid org) {
      this.snapshot = snapshot;
      this.org = org;
    }

    @Override
    public OrgHead head() {
      return snapshot.head(org);
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      onRead.run();
      return rows().get(table, key);
    }

    @Override
    public RowCursor scan(Table table, byte[] prefix, byte[] from) {
      onRead.run();
      return rows().scan(table, prefix, from);
    }

    /** Snapshots of memory need no release. */
    private OrgView rows() {
      return (showsNewest ? inner.snapshot() : snapshot).view(org);
    }
  }
}
