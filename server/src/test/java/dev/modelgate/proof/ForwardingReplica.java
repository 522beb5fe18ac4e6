package dev.modelgate.proof;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ApplyResult;
import dev.modelgate.store.BulkLoad;
import dev.modelgate.store.LogIdentity;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.Recent;
import dev.modelgate.store.Replica;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.SnapshotSink;
import dev.modelgate.store.StoreSnapshot;
import java.util.List;
import java.util.Optional;

/** Another replica, of which a negative control changes one thing. */
class ForwardingReplica implements Replica {
  private final Replica inner;

  ForwardingReplica(Replica inner) {
    this.inner = inner;
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
  public Optional<BulkLoad> load(Uid org) {
    return inner.load(org);
  }

  @Override
  public StoreSnapshot snapshot() {
    return inner.snapshot();
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
}
