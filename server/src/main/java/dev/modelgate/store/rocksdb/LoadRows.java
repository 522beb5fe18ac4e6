package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.IndexRows;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/**
 * The rows of an organization that is loaded which are in no file yet: an overlay, which is sorted
 * already, and what it takes. Not thread-safe.
 */
final class LoadRows {
  /** What a row takes in the overlay beside its bytes: entry, key, value and their headers. */
  private static final long ROW_BYTES = 128;

  /** Of the grants gathered, at most one in so many is kept for the next file. */
  private static final int KEPT_SHARE = 4;

  private static final byte[] NO_END = {};
  private static final Map<Family, List<Table>> TABLES = tables();

  private final Uid org;
  private Overlay overlay;
  private long bytes;

  /**
   * None yet.
   *
   * @param below what the files say
   */
  LoadRows(Uid org, OrgView below) {
    this.org = org;
    this.overlay = new Overlay(below);
  }

  private static Map<Family, List<Table>> tables() {
    Map<Family, List<Table>> tables = new EnumMap<>(Family.class);
    for (Table table : Table.values()) {
      if (!table.isLogOnly() && table != Table.GRANTS_BY_PRINCIPAL) {
        tables.computeIfAbsent(Family.of(table), family -> new ArrayList<>()).add(table);
      }
    }
    tables.values().forEach(list -> list.sort(Comparator.comparingInt(Table::number)));
    return tables;
  }

  /** The rows over what the files say. */
  Overlay overlay() {
    return overlay;
  }

  /** The same rows over newer files. */
  void lieOver(OrgView below) {
    overlay = overlay.over(below);
  }

  /** How many bytes of the heap they take, about. */
  long bytes() {
    return bytes;
  }

  /** Adds one. */
  void add(Mutation mutation) {
    overlay.put(mutation);
    bytes += bytes(mutation);
  }

  private static long bytes(Mutation mutation) {
    int value = mutation instanceof Mutation.Put put ? put.value().length : 0;
    long indexed = IndexRows.hasIndex(mutation.table()) ? ROW_BYTES + mutation.key().length : 0;
    return ROW_BYTES + mutation.key().length + value + indexed;
  }

  /** The changes of grants on the greatest resource, in the order of their keys; not if many. */
  List<Mutation> newestGrants() {
    NavigableMap<byte[], Optional<byte[]>> grants = overlay.changes(Table.GRANTS);
    if (grants.isEmpty()) {
      return List.of();
    }
    byte[] resource = Arrays.copyOf(grants.lastKey(), Long.BYTES);
    Map<byte[], Optional<byte[]>> newest = grants.tailMap(resource, true);
    if (newest.size() > grants.size() / KEPT_SHARE) {
      return List.of();
    }
    List<Mutation> kept = new ArrayList<>();
    newest.forEach(
        (key, value) ->
            kept.add(
                value.isPresent()
                    ? new Mutation.Put(Table.GRANTS, key, value.get())
                    : new Mutation.Delete(Table.GRANTS, key)));
    return kept;
  }

  /**
   * Writes them, one file for each family; the index of grants by principal is for others.
   *
   * @param but the {@link #newestGrants} or none, which are left out
   */
  void into(LoadFiles files, List<Mutation> but) {
    byte[] end = but.isEmpty() ? NO_END : but.get(0).key();
    for (Map.Entry<Family, List<Table>> family : TABLES.entrySet()) {
      if (isAny(family.getValue())) {
        files.add(family.getKey(), file -> into(file, family.getValue(), end));
      }
    }
  }

  private boolean isAny(List<Table> tables) {
    for (Table table : tables) {
      if (!overlay.changes(table).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private void into(LoadFile file, List<Table> tables, byte[] grantsEnd) throws RocksDBException {
    for (Table table : tables) {
      byte[] prefix = Keys.tablePrefix(org, table);
      NavigableMap<byte[], Optional<byte[]>> rows = overlay.changes(table);
      boolean some = table == Table.GRANTS && grantsEnd.length > 0;
      for (Map.Entry<byte[], Optional<byte[]>> row :
          (some ? rows.headMap(grantsEnd, false) : rows).entrySet()) {
        byte[] key = Keys.concat(prefix, row.getKey());
        if (row.getValue().isPresent()) {
          file.put(key, row.getValue().get());
        } else {
          file.delete(key);
        }
      }
    }
  }
}
