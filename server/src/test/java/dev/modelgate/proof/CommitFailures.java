package dev.modelgate.proof;

import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.StoreException;
import java.util.List;

/** Fails a write when told to: before it is there, or when it is. */
final class CommitFailures implements MemoryReplica.Faults {
  volatile boolean before;
  volatile boolean after;

  @Override
  public void beforeWrite(List<Positioned> batch) {
    if (before) {
      before = false;
      throw new StoreException("nothing was written");
    }
  }

  @Override
  public void afterWrite(List<Positioned> batch) {
    if (after) {
      after = false;
      throw new StoreException("written, but the sync failed");
    }
  }
}
