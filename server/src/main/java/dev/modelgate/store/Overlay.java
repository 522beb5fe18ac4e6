package dev.modelgate.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A view with changes laid over it: what the rows will be. Index rows follow by themselves. Not
 * thread-safe.
 *
 * <p>Mutations are absolute, so laying one over a view that has it already changes nothing.
 */
public final class Overlay implements OrgView {
  private final OrgView base;
  private final Map<Table, NavigableMap<byte[], Optional<byte[]>>> changes;

  /** Changes whose index rows nobody has asked for; most commands never do. */
  private final List<Mutation> unindexed;

  /** Nothing changed yet. */
  public Overlay(OrgView base) {
    this(base, new EnumMap<>(Table.class), new ArrayList<>());
  }

  private Overlay(
      OrgView base,
      Map<Table, NavigableMap<byte[], Optional<byte[]>>> changes,
      List<Mutation> unindexed) {
    this.base = base;
    this.changes = changes;
    this.unindexed = unindexed;
  }

  /**
   * The same changes laid over another view. They stay shared: what is laid over one is in both.
   */
  public Overlay over(OrgView other) {
    return new Overlay(other, changes, unindexed);
  }

  /** Lays one change over. */
  public void put(Mutation mutation) {
    lay(mutation);
    if (IndexRows.hasIndex(mutation.table())) {
      unindexed.add(mutation);
    }
  }

  /** The changes, one per row, without index rows, by table and key. */
  public List<Mutation> mutations() {
    List<Mutation> mutations = new ArrayList<>();
    changes.forEach(
        (table, rows) -> {
          if (!table.isIndex()) {
            rows.forEach(
                (key, value) ->
                    mutations.add(
                        value.isPresent()
                            ? new Mutation.Put(table, key, value.get())
                            : new Mutation.Delete(table, key)));
          }
        });
    return mutations;
  }

  /**
   * What lies over one table, index tables too, in the order of the keys; no value where the row is
   * taken away. For reading, until the next change is laid over.
   */
  public NavigableMap<byte[], Optional<byte[]>> changes(Table table) {
    NavigableMap<byte[], Optional<byte[]>> rows = rows(table);
    return rows == null ? Collections.emptyNavigableMap() : rows;
  }

  /** The head of the view below. */
  @Override
  public OrgHead head() {
    return base.head();
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    NavigableMap<byte[], Optional<byte[]>> rows = rows(table);
    Optional<byte[]> change = rows == null ? null : rows.get(key);
    return change == null ? base.get(table, key) : change.orElse(null);
  }

  @Override
  public RowCursor scan(Table table, byte[] prefix, byte[] from) {
    NavigableMap<byte[], Optional<byte[]>> rows = rows(table);
    RowCursor below = base.scan(table, prefix, from);
    if (rows == null) {
      return below;
    }
    byte[] start = Arrays.compareUnsigned(from, prefix) > 0 ? from : prefix;
    return new OverlayCursor(below, rows.tailMap(start, true).entrySet().iterator(), prefix);
  }

  private @Nullable NavigableMap<byte[], Optional<byte[]>> rows(Table table) {
    if (table.isIndex()) {
      for (Mutation mutation : unindexed) {
        Mutation index = IndexRows.of(mutation);
        if (index.table() != mutation.table()) {
          lay(index);
        }
      }
      unindexed.clear();
    }
    return changes.get(table);
  }

  private void lay(Mutation mutation) {
    Optional<byte[]> value =
        mutation instanceof Mutation.Put put ? Optional.of(put.value()) : Optional.empty();
    changes
        .computeIfAbsent(mutation.table(), table -> new TreeMap<>(Arrays::compareUnsigned))
        .put(mutation.key(), value);
  }
}
