package dev.modelgate.store;

import static dev.modelgate.store.Changes.after;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.next;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.modelgate.model.Uid;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MemoryChangeLogTest extends ChangeLogConformance {
  private static final Uid ACME = new Uid(0x100001);

  @Override
  protected Replica open() {
    return new MemoryReplica(Rows::check);
  }

  /** Fails before or after a write, by chance. */
  private record Chance(Random random) implements MemoryReplica.Faults {
    @Override
    public void beforeWrite(List<Positioned> batch) {
      fail("before the write");
    }

    @Override
    public void afterWrite(List<Positioned> batch) {
      fail("after the write");
    }

    private void fail(String when) {
      if (random.nextInt(8) == 0) {
        throw new StoreException("injected " + when);
      }
    }
  }

  /** A writer that asks for the head again after each unknown outcome loses and doubles nothing. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void append_writesThatFailByChance_leaveOneUnbrokenChain(long seed) {
    MemoryReplica replica =
        new MemoryReplica(LineageId.random(), Rows::check, new Chance(new Random(seed)));
    try (EmbeddedChangeLog log =
        new EmbeddedChangeLog(
            replica.identity(), Position.START, replica::apply, replica::reopen)) {
      OrgHead head = OrgHead.empty(ACME);
      List<OrgHead> acknowledged = new ArrayList<>();
      while (acknowledged.size() < 20) {
        ChangeSet changeSet = next(head, grant(1, head.version() + 1).put());
        try {
          log.append(LogRecord.of(changeSet))
              .toCompletableFuture()
              .orTimeout(10, TimeUnit.SECONDS)
              .join();
          head = after(head, changeSet);
          acknowledged.add(head);
        } catch (CompletionException e) {
          head = replica.snapshot().head(ACME);
        }
      }
      OrgHead rebuilt = OrgHead.empty(ACME);
      List<OrgHead> heads = new ArrayList<>();
      for (long version = 1; version <= head.version(); version++) {
        LogRecord record = replica.read(ACME, version).orElseThrow();
        rebuilt =
            Acceptor.advance(rebuilt, ChangeSetCodec.decode(record.stored()), record.stored());
        heads.add(rebuilt);
      }
      assertEquals(head, rebuilt);
      heads.retainAll(acknowledged);
      assertEquals(acknowledged, heads);
    }
  }

  @Test
  void replica_afterAFailedWrite_keepsItsSnapshotAndRefusesBatches() {
    MemoryReplica.Faults once =
        new MemoryReplica.Faults() {
          @Override
          public void afterWrite(List<Positioned> batch) {
            throw new StoreException("injected");
          }
        };
    MemoryReplica replica = new MemoryReplica(LineageId.random(), Rows::check, once);
    List<Positioned> batch = List.of(Changes.at(1, next(OrgHead.empty(ACME), grant(1, 2).put())));
    assertThrows(StoreException.class, () -> replica.apply(batch));
    assertEquals(0, replica.snapshot().head(ACME).version());
    assertThrows(StoreException.class, () -> replica.apply(batch));
    replica.reopen();
    assertEquals(1, replica.snapshot().head(ACME).version());
  }
}
