package dev.modelgate.app.commit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Changes;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.Position;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What rules read while change sets wait for their sync, however these end. */
final class StagingTest {
  private static final Uid ORG = new Uid(1 << 20);
  private static final byte[] START = {};
  private static final List<Table> TABLES =
      List.of(Table.GRANTS_BY_PRINCIPAL, Table.GRANTS, Table.RESOURCES);
  private static final int SEEDS = 4;
  private static final int MODELS = 6;
  private static final int STEPS = 60;

  /** Enough mutations that what was laid is laid anew several times a history. */
  private static final int LARGE = 4_000;

  private final MemoryReplica replica = new MemoryReplica(mutation -> {});
  private final Staging staging = new Staging();

  /** Staged, with the epoch that each has to be settled in. */
  private final Deque<Waiting> waiting = new ArrayDeque<>();

  private long position;

  private record Waiting(ChangeSet changeSet, LogRecord record, long epoch) {}

  @Test
  void view_whateverBecomesOfWhatIsStaged_isThePublishedStateWithItLaidOver() {
    for (int i = 0; i < SEEDS; i++) {
      long seed = System.nanoTime() + i;
      new StagingTest().play(seed);
    }
  }

  /** Whoever commits would wait for all who validate, for each change set that he made durable. */
  @Test
  void settle_whileSomebodyValidates_waitsForNobodyAndIsDoneBehindHim() throws Exception {
    stage(new Random(1));
    Waiting first = waiting.getFirst();
    replica.apply(List.of(new Positioned(new Position(1), first.record())));
    staging.lock(false);
    try {
      CompletableFuture.runAsync(
              () -> staging.settle(first.epoch(), first.changeSet().version(), false))
          .get(10, TimeUnit.SECONDS);
      assertFalse(staging.isEmpty(), "nothing is changed under the one who validates");
    } finally {
      staging.unlock();
    }
    assertTrue(staging.isEmpty());
  }

  private void play(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < STEPS; step++) {
      int dice = random.nextInt(10);
      if (dice < 5) {
        stage(random);
      } else if (dice < 8) {
        publishOne(random.nextBoolean());
      } else if (dice < 9 && !waiting.isEmpty()) {
        failFrom(random.nextInt(waiting.size()));
      } else if (random.nextInt(4) == 0) {
        staging.fence();
        waiting.clear();
      }
      compare("seed " + seed + ", step " + step);
    }
  }

  private void stage(Random random) {
    List<Mutation> mutations = new ArrayList<>();
    int size = random.nextInt(4) == 0 ? LARGE : 1 + random.nextInt(4);
    for (int i = 0; i < size; i++) {
      var row =
          Changes.grant(
              100 + random.nextInt(size > 4 ? 400 : 4), 10 + random.nextInt(5), i % 3 + 1);
      mutations.add(random.nextInt(4) == 0 ? row.delete() : row.put());
    }
    var model = Changes.resource("m" + random.nextInt(MODELS));
    mutations.add(random.nextInt(4) == 0 ? model.delete() : model.put());
    locked(
        view -> {
          ChangeSet next = Changes.next(view.head(), mutations.toArray(Mutation[]::new));
          LogRecord record = LogRecord.of(next);
          waiting.addLast(new Waiting(next, record, staging.stage(next, record)));
        });
  }

  /** The log acknowledges after it has published; in between, somebody may look. */
  private void publishOne(boolean settles) {
    Waiting first = waiting.poll();
    if (first != null) {
      replica.apply(List.of(new Positioned(new Position(++position), first.record())));
      if (settles) {
        staging.settle(first.epoch(), first.changeSet().version(), false);
      }
    }
  }

  private void failFrom(int index) {
    List<Waiting> kept = new ArrayList<>(waiting);
    Waiting failed = kept.get(index);
    waiting.clear();
    waiting.addAll(kept.subList(0, index));
    staging.settle(failed.epoch(), failed.changeSet().version(), true);
  }

  private void compare(String where) {
    locked(
        view -> {
          Overlay expected = new Overlay(published());
          OrgHead head = published().head();
          for (Waiting entry : waiting) {
            entry.changeSet().mutations().forEach(expected::put);
            head = Changes.after(head, entry.changeSet());
          }
          assertEquals(head, view.head(), where);
          for (Table table : TABLES) {
            same(table, expected, view, where);
          }
          sameToImport(expected, staging.overForImport(published()), where);
        });
  }

  /** Also what is not there, and what was read from an earlier state. */
  private static void sameToImport(OrgView expected, OrgView view, String where) {
    assertEquals(expected.head().org(), view.head().org(), where);
    for (int i = 0; i < MODELS; i++) {
      byte[] key = ResourceRow.key("m" + i);
      assertArrayEquals(expected.get(Table.RESOURCES, key), view.get(Table.RESOURCES, key), where);
    }
    for (int resource = 99; resource < 110; resource++) {
      for (int principal = 9; principal < 16; principal++) {
        byte[] key = GrantRow.key(new Uid(resource), new Uid(principal));
        assertArrayEquals(expected.get(Table.GRANTS, key), view.get(Table.GRANTS, key), where);
      }
    }
    for (Table table : TABLES) {
      same(table, expected, view, where);
    }
  }

  private static void same(Table table, OrgView expected, OrgView view, String where) {
    try (RowCursor left = expected.scan(table, START, START);
        RowCursor right = view.scan(table, START, START)) {
      while (left.next()) {
        assertTrue(right.next(), () -> where + ": " + table + " ends early");
        assertArrayEquals(left.key(), right.key(), where);
        assertArrayEquals(left.value(), right.value(), where);
        assertArrayEquals(left.value(), view.get(table, left.key()), where);
      }
      assertTrue(!right.next(), () -> where + ": " + table + " has a row too many");
    }
  }

  private OrgView published() {
    StoreSnapshot snapshot = replica.snapshot();
    return snapshot.view(ORG);
  }

  private void locked(Consumer<StagedView> use) {
    staging.lock(false);
    try {
      use.accept(staging.over(published()));
    } finally {
      staging.unlock();
    }
  }
}
