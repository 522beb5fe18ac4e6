package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Acceptance;
import dev.modelgate.store.Acceptor;
import dev.modelgate.store.BulkLoad;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.IndexRows;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.NoRows;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.Position;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * A load into files. Change sets gather in an overlay, which is sorted already; when that is full,
 * it becomes one file for each family, and an empty one lies over them. The index of grants by
 * principal, which no import reads, is gathered over many of those, see {@link IndexRuns}.
 *
 * <pre>
 *   add --> overlay --full--> files, moved into the database --> last change set, by the log: head
 *              ^                      |
 *              +------ view ----------+
 * </pre>
 */
final class RocksLoad implements BulkLoad {
  /** What a row takes in the overlay beside its bytes: entry, key, value and their headers. */
  private static final long ROW_BYTES = 128;

  /** Of the grants gathered, at most one in so many is kept for the next file. */
  private static final int KEPT_SHARE = 4;

  private static final byte[] NO_END = {};
  private static final Map<Family, List<Table>> TABLES = tables();

  private final Uid org;
  private final RocksHandle handle;
  private final LoadFiles files;
  private final Consumer<RocksLoad> ended;
  private final long gatheredBytesMax;

  private @Nullable RocksSnapshot below;
  private Overlay overlay;
  private long gatheredBytes;

  private final LoadLog log;

  /** The grants by principal that are in no file yet, those of the overlay apart. */
  private final IndexRuns index = new IndexRuns();

  private final LoadRequests requests;

  /** The newest change set, whose own row of the log comes with the head. */
  private @Nullable Added last;

  /** Behind the change set before the newest. */
  private HeadRow before;

  private OrgHead head;
  private volatile @Nullable HeadRow sealed;
  private boolean closed;

  private record Added(ChangeSet changeSet, LogRecord record) {}

  /**
   * A load that was begun in its files.
   *
   * @param position of the store, for the rows of the log
   * @param gatheredBytesMax of the heap, what is gathered before it is written
   * @param ended told once, when this was closed
   */
  RocksLoad(
      Uid org,
      RocksHandle handle,
      LoadFiles files,
      Position position,
      long gatheredBytesMax,
      Consumer<RocksLoad> ended) {
    this.org = org;
    this.handle = handle;
    this.files = files;
    this.ended = ended;
    this.requests = new LoadRequests(org);
    this.log = new LoadLog(org, files, position);
    this.gatheredBytesMax = gatheredBytesMax;
    this.overlay = new Overlay(new NoRows(org));
    this.before = HeadRow.empty(org);
    this.head = before.head();
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

  Uid org() {
    return org;
  }

  /** The head that the last change set follows; null until it was handed out. */
  @Nullable HeadRow sealed() {
    return sealed;
  }

  @Override
  public OrgView view() {
    return new View();
  }

  @Override
  public void add(ChangeSet changeSet, LogRecord record) {
    requireOpen();
    if (Acceptor.decide(head, changeSet) != Acceptance.ACCEPTED) {
      throw new IllegalArgumentException(
          "version " + changeSet.version() + " does not follow " + head);
    }
    changeSet.mutations().forEach(Rows::check);
    OrgHead next = Acceptor.advance(head, changeSet, record.stored());
    keepLast();
    last = new Added(changeSet, record);
    head = next;
    for (Mutation mutation : changeSet.mutations()) {
      if (!mutation.table().isLogOnly()) {
        gather(mutation);
      }
    }
    if (gatheredBytes + requests.bytes() > gatheredBytesMax) {
      write(false);
    }
  }

  private static long bytes(Mutation mutation) {
    int value = mutation instanceof Mutation.Put put ? put.value().length : 0;
    long indexed = IndexRows.hasIndex(mutation.table()) ? ROW_BYTES + mutation.key().length : 0;
    return ROW_BYTES + mutation.key().length + value + indexed;
  }

  /** Another one comes behind the last, so its row of the log and its request are as all others. */
  private void keepLast() {
    Added added = last;
    if (added == null) {
      return;
    }
    log.put(head.version(), added.record().stored());
    before = requests.add(before, head, added.changeSet());
  }

  @Override
  public LogRecord seal() {
    requireOpen();
    Added added = last;
    if (added == null) {
      throw new IllegalStateException("a load of no change set");
    }
    if (before.head().version() > 0) {
      write(true);
      writeIndex();
      log.finish();
    }
    sealed = before;
    return added.record();
  }

  private void requireOpen() {
    if (closed || sealed != null) {
      throw new IllegalStateException("the load of " + org + " has ended");
    }
  }

  /**
   * Writes what was gathered.
   *
   * @param all also the grants on the greatest resource, of which more may come: the files of the
   *     others follow each other then, and the store has nothing to merge
   */
  private void write(boolean all) {
    List<Mutation> kept = all ? List.of() : newestGrants();
    byte[] end = kept.isEmpty() ? NO_END : kept.get(0).key();
    for (Map.Entry<Family, List<Table>> family : TABLES.entrySet()) {
      if (isAny(family.getValue())) {
        files.add(family.getKey(), file -> putTables(file, family.getValue(), end));
      }
    }
    if (!requests.isEmpty()) {
      files.add(Family.RECENT, requests::into);
    }
    index.add(overlay.changes(Table.GRANTS_BY_PRINCIPAL));
    requests.clear();
    gatheredBytes = 0;
    overlay = new Overlay(written());
    kept.forEach(this::gather);
    if (index.bytes() > gatheredBytesMax) {
      writeIndex();
    }
  }

  private void gather(Mutation mutation) {
    overlay.put(mutation);
    gatheredBytes += bytes(mutation);
  }

  /** The changes of grants on the greatest resource, in the order of their keys; not if many. */
  private List<Mutation> newestGrants() {
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

  /** What the files say by now. */
  private OrgView written() {
    RocksSnapshot written = handle.snapshot();
    release();
    below = written;
    return written.view(org);
  }

  private void writeIndex() {
    if (!index.isEmpty()) {
      byte[] prefix = Keys.tablePrefix(org, Table.GRANTS_BY_PRINCIPAL);
      files.add(Family.GRANTS_BY_PRINCIPAL, file -> index.into(file, prefix));
      index.clear();
      overlay = overlay.over(written());
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

  private void putTables(LoadFile file, List<Table> tables, byte[] grantsEnd)
      throws RocksDBException {
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

  private void release() {
    if (below != null) {
      below.release();
      below = null;
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      log.close();
      release();
      ended.accept(this);
    }
  }

  /** The overlay with the head that is behind it; whoever asks for the index has it written. */
  private final class View implements OrgView {
    private final OrgHead at = head;

    @Override
    public OrgHead head() {
      return at;
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      return overlay(table).get(table, key);
    }

    @Override
    public RowCursor scan(Table table, byte[] prefix, byte[] from) {
      return overlay(table).scan(table, prefix, from);
    }

    private Overlay overlay(Table table) {
      if (table == Table.GRANTS_BY_PRINCIPAL) {
        writeIndex();
      }
      return overlay;
    }
  }
}
