package dev.modelgate.store;

import dev.modelgate.store.row.Rows;

final class MemoryReplicaHistoryTest extends ReplicaHistoryConformance {
  @Override
  protected Replica open() {
    return new MemoryReplica(Rows::check);
  }

  @Override
  protected Replica restarted(Replica old) {
    old.reopen();
    return old;
  }

  @Override
  protected Replica imported(Replica source) {
    return MemoryReplica.importing(Rows::check, source);
  }
}
