package dev.modelgate.app.commit;

import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Table;
import org.jspecify.annotations.Nullable;

/**
 * Principals and resources that an import looked for or made, rows that are not there included: its
 * grants name the same ones again and again, and reading one takes the store several microseconds.
 *
 * <p>Invariant: what is remembered is what the rows say at one head. It follows the change sets
 * that are staged behind that head, and forgets everything where another head is asked about; so it
 * needs not know what became of a change set, for the chain of digests tells states apart.
 *
 * <p>There are two generations of at most a sixteenth of the heap each, and {@value
 * #GENERATION_BYTES_MAX} bytes. When the young one is full, it becomes the old one, and what was in
 * that and was not asked for meanwhile is forgotten. Not thread-safe.
 */
final class RowMemory {
  private static final int GENERATION_BYTES_MAX = 32 << 20;
  private static final int HEAP_SHARE = 16;

  private OrgHead head;
  private RememberedRows young;
  private RememberedRows old;

  /** Remembers nothing of that head yet. */
  RowMemory(OrgHead head) {
    this(head, (int) Math.min(GENERATION_BYTES_MAX, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
  }

  /**
   * The same with another bound.
   *
   * @param generationBytes the most bytes of rows of a generation; room for one at least
   */
  RowMemory(OrgHead head, int generationBytes) {
    this.head = head;
    this.young = new RememberedRows(generationBytes);
    this.old = new RememberedRows(generationBytes);
  }

  /** Whether rows of that table are worth remembering. */
  static boolean holds(Table table) {
    return table == Table.PRINCIPALS || table == Table.RESOURCES;
  }

  /** Goes to a head; what is remembered of another one is forgotten. */
  void moveTo(OrgHead wanted) {
    if (!isAt(wanted)) {
      young.clear();
      old.clear();
      head = wanted;
    }
  }

  private boolean isAt(OrgHead wanted) {
    return head.org().equals(wanted.org())
        && head.version() == wanted.version()
        && head.digest().equals(wanted.digest());
  }

  /** Steps over a change set that was validated at {@code before}, when this is where it stands. */
  void follow(OrgHead before, ChangeSet changeSet, OrgHead after) {
    if (!isAt(before)) {
      return;
    }
    for (Mutation mutation : changeSet.mutations()) {
      if (holds(mutation.table())) {
        byte[] value = mutation instanceof Mutation.Put put ? put.value() : null;
        remember(mutation.table(), mutation.key(), value);
      }
    }
    head = after;
  }

  /**
   * The value of a row, null when there is none.
   *
   * @param below the state at the head that this was moved to
   */
  byte @Nullable [] get(OrgView below, Table table, byte[] key) {
    int at = young.find(table, key);
    if (at != RememberedRows.UNKNOWN) {
      return young.value(at);
    }
    at = old.find(table, key);
    byte[] value = at == RememberedRows.UNKNOWN ? below.get(table, key) : old.value(at);
    remember(table, key, value);
    return value;
  }

  private void remember(Table table, byte[] key, byte @Nullable [] value) {
    if (!young.add(table, key, value)) {
      RememberedRows emptied = old;
      old = young;
      emptied.clear();
      young = emptied;
      if (!young.add(table, key, value)) {
        throw new IllegalStateException("an empty generation has no room for a row");
      }
    }
  }
}
