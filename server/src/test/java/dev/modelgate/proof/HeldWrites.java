package dev.modelgate.proof;

import dev.modelgate.store.Gate;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.StoreException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes that wait at a gate, or fail when told to. */
final class HeldWrites implements MemoryReplica.Faults {
  final Gate gate = new Gate();
  volatile boolean fails;
  volatile boolean failsBefore;
  final AtomicInteger batches = new AtomicInteger();

  @Override
  public void beforeWrite(List<Positioned> batch) {
    batches.incrementAndGet();
    gate.pass();
    if (failsBefore) {
      failsBefore = false;
      throw new StoreException("nothing was written");
    }
  }

  @Override
  public void afterWrite(List<Positioned> batch) {
    if (fails) {
      fails = false;
      throw new StoreException("written, but the sync failed");
    }
  }
}
