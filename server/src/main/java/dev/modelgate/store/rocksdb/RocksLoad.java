package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Acceptance;
import dev.modelgate.store.Acceptor;
import dev.modelgate.store.BulkLoad;
import dev.modelgate.store.ChangeSet;
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
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
  private final Uid org;
  private final RocksHandle handle;
  private final LoadFiles files;
  private final Consumer<RocksLoad> ended;
  private final long gatheredBytesMax;
  private final LoadLog log;
  private final LoadRequests requests;

  /** The grants by principal that are in no file yet, those of the overlay apart. */
  private final IndexRuns index = new IndexRuns();

  private LoadRows rows;

  /** Of the files, which the rows lie over; null as long as there are none. */
  private @Nullable RocksSnapshot below;

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
    this.rows = new LoadRows(org, new NoRows(org));
    this.before = HeadRow.empty(org);
    this.head = before.head();
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
        rows.add(mutation);
      }
    }
    if (rows.bytes() + requests.bytes() > gatheredBytesMax) {
      write(false);
    }
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
    List<Mutation> kept = all ? List.of() : rows.newestGrants();
    rows.into(files, kept);
    if (!requests.isEmpty()) {
      files.add(Family.RECENT, requests::into);
    }
    index.add(rows.overlay().changes(Table.GRANTS_BY_PRINCIPAL));
    requests.clear();
    rows = new LoadRows(org, written());
    kept.forEach(rows::add);
    if (index.bytes() > gatheredBytesMax) {
      writeIndex();
    }
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
      rows.lieOver(written());
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
      return rows.overlay();
    }
  }
}
