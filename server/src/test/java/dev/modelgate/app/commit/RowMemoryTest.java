package dev.modelgate.app.commit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Changes;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.NoRows;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an import remembers is what the rows say. */
final class RowMemoryTest {
  private static final OrgHead EMPTY = OrgHead.empty(new Uid(1 << 20));
  private static final int STEPS = 100_000;
  private static final int GENERATION_BYTES = 1 << 20;

  /** So many that generations of that size turn over a dozen times. */
  private static final int KEYS = 20_000;

  private final Counted state = new Counted(EMPTY);

  @Test
  void memory_ofMoreThanItHolds_saysWhatTheRowsSay() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    RowMemory memory = new RowMemory(EMPTY, GENERATION_BYTES);
    OrgHead head = EMPTY;
    for (int step = 0; step < STEPS; step++) {
      byte[] key = key(random.nextInt(KEYS));
      Table table = random.nextBoolean() ? Table.PRINCIPALS : Table.RESOURCES;
      if (random.nextInt(3) == 0) {
        Mutation mutation = mutation(random, table, key);
        ChangeSet changeSet = Changes.next(head, mutation);
        OrgHead after = new OrgHead(head.org(), head.version() + 1, head.digest(), head.at());
        memory.follow(head, changeSet, after);
        state.rows.put(mutation);
        head = after;
      }
      assertArrayEquals(
          state.rows.get(table, key),
          memory.get(state, table, key),
          "seed " + seed + ", step " + step);
    }
  }

  private static Mutation mutation(Random random, Table table, byte[] key) {
    int dice = random.nextInt(100);
    int length = dice == 0 ? 4_096 + random.nextInt(2) : random.nextInt(300);
    return dice < 10
        ? new Mutation.Delete(table, key)
        : new Mutation.Put(table, key, new byte[length]);
  }

  @Test
  void row_askedForAgain_isNotReadAgain() {
    state.rows.put(new Mutation.Put(Table.PRINCIPALS, key(1), key(7)));
    RowMemory memory = new RowMemory(EMPTY);
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(key(7), memory.get(state, Table.PRINCIPALS, key(1)));
      assertTrue(memory.get(state, Table.PRINCIPALS, key(2)) == null);
      assertTrue(memory.get(state, Table.RESOURCES, key(1)) == null);
    }
    assertEquals(3, state.reads);
  }

  /** A change set that failed leads to a head that nobody is at any more. */
  @Test
  void row_ofAChangeSetThatFailed_isReadAgain() {
    RowMemory memory = new RowMemory(EMPTY);
    ChangeSet failed = Changes.next(EMPTY, new Mutation.Put(Table.PRINCIPALS, key(1), key(7)));
    OrgHead after = Changes.after(EMPTY, failed);
    memory.follow(EMPTY, failed, after);
    memory.moveTo(after);
    assertArrayEquals(key(7), memory.get(state, Table.PRINCIPALS, key(1)));
    ChangeSet other = Changes.next(EMPTY, new Mutation.Put(Table.PRINCIPALS, key(2), key(8)));
    memory.moveTo(Changes.after(EMPTY, other));
    assertTrue(memory.get(state, Table.PRINCIPALS, key(1)) == null);
  }

  /** It was made above something that this memory has never seen. */
  @Test
  void changeSet_behindAnotherHead_isNotFollowed() {
    RowMemory memory = new RowMemory(EMPTY);
    ChangeSet first = Changes.next(EMPTY, new Mutation.Put(Table.PRINCIPALS, key(1), key(7)));
    OrgHead between = Changes.after(EMPTY, first);
    ChangeSet second = Changes.next(between, new Mutation.Put(Table.PRINCIPALS, key(2), key(8)));
    memory.follow(between, second, Changes.after(between, second));
    state.rows.put(new Mutation.Put(Table.PRINCIPALS, key(2), key(9)));
    memory.moveTo(EMPTY);
    assertArrayEquals(key(9), memory.get(state, Table.PRINCIPALS, key(2)));
  }

  private static byte[] key(int number) {
    return ("user:u" + number + "@acme.com").getBytes(StandardCharsets.UTF_8);
  }

  /** Rows, and how often one of them was read through this. */
  private static final class Counted implements OrgView {
    final Overlay rows;
    int reads;

    Counted(OrgHead head) {
      this.rows = new Overlay(new NoRows(head.org()));
    }

    @Override
    public OrgHead head() {
      return rows.head();
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      reads++;
      return rows.get(table, key);
    }

    @Override
    public RowCursor scan(Table table, byte[] prefix, byte[] from) {
      return rows.scan(table, prefix, from);
    }
  }
}
