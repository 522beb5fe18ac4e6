package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.NoRows;
import dev.modelgate.store.NotAtOnceException;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Position;
import dev.modelgate.store.Recent;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.RocksDB;
import org.rocksdb.Snapshot;

/**
 * A counted snapshot. A read costs RocksDB's own time plus the guard of its {@link RocksHandle};
 * after the handle was closed it throws.
 */
final class RocksSnapshot implements StoreSnapshot {
  private static final int POSITION_BYTES = 8;

  private final RocksHandle handle;
  private final @Nullable Snapshot snapshot;

  /** An organization without a head, of which a load may have brought rows already (hazard 25). */
  private final @Nullable Uid headless;

  private final ReadOptions readOptions;

  /** For readers that may not wait: memtables and the block cache alone. */
  private final ReadOptions atOnce;

  /** For walks of an index: what is walked once would push out what checks read again. */
  private final ReadOptions passing;

  private final AtomicInteger shares = new AtomicInteger(1);
  private final Position position;

  RocksSnapshot(RocksHandle handle, @Nullable Snapshot snapshot, @Nullable Uid headless) {
    this.handle = handle;
    this.snapshot = snapshot;
    this.headless = headless;
    this.readOptions = options(snapshot);
    this.atOnce = options(snapshot).setReadTier(ReadTier.BLOCK_CACHE_TIER);
    this.passing = options(snapshot).setFillCache(false);
    this.position = Metadata.position(handle, readOptions);
  }

  private static ReadOptions options(@Nullable Snapshot snapshot) {
    ReadOptions options = new ReadOptions();
    return snapshot == null ? options : options.setSnapshot(snapshot);
  }

  /** Also false once the database was closed or reopened: its snapshots have ended. */
  @Override
  public boolean tryRetain() {
    int seen = handle.guard().isClosed() ? 0 : shares.get();
    while (seen > 0) {
      if (shares.compareAndSet(seen, seen + 1)) {
        return true;
      }
      seen = shares.get();
    }
    return false;
  }

  @Override
  public void release() {
    int left = shares.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("a snapshot was released more often than retained");
    }
    if (left == 0) {
      handle.free(this);
    }
  }

  /** Frees the native part; the handle calls it once. */
  void free(RocksDB database) {
    readOptions.close();
    atOnce.close();
    passing.close();
    if (snapshot != null) {
      database.releaseSnapshot(snapshot);
      snapshot.close();
    }
  }

  @Override
  public Position position() {
    return position;
  }

  @Override
  public OrgHead head(Uid org) {
    return headRow(org).head();
  }

  HeadRow headRow(Uid org) {
    byte[] value = get(Family.HEADS, Keys.org(org));
    return value == null ? HeadRow.empty(org) : HeadRow.decode(org, value);
  }

  Optional<Recent> recent(Uid org, byte[] hash) {
    byte[] value =
        org.equals(headless) ? null : get(Family.RECENT, Keys.recentByRequest(org, hash));
    return Optional.ofNullable(value).map(RecentRow::decode);
  }

  Optional<LogRecord> log(Uid org, long version) {
    byte[] value = org.equals(headless) ? null : get(Family.LOG, Keys.log(org, version));
    return Optional.ofNullable(value).map(bytes -> new LogRecord(org, storedBytes(bytes)));
  }

  /** The stored bytes in a row of the log, behind the position. */
  static byte[] storedBytes(byte[] logValue) {
    new ByteReader(logValue).fixed64();
    return Arrays.copyOfRange(logValue, POSITION_BYTES, logValue.length);
  }

  @Override
  public OrgView view(Uid org) {
    return org.equals(headless) ? new NoRows(org) : new View(org, readOptions);
  }

  @Override
  public OrgView viewAtOnce(Uid org) {
    return org.equals(headless) ? new NoRows(org) : new View(org, atOnce);
  }

  byte @Nullable [] get(Family family, byte[] key) {
    return get(family, readOptions, key);
  }

  private byte @Nullable [] get(Family family, ReadOptions options, byte[] key) {
    requireShare();
    byte[] value = handle.get(family, options, key);
    // RocksDB answers so, and OK, when the file that may have the key is not open: TableCache::Get
    // takes it for found. A row that is empty indeed is read again where one may wait.
    if (options == atOnce && value != null && value.length == 0) {
      throw new NotAtOnceException("table " + family.storedName() + " is perhaps not open");
    }
    return value;
  }

  /**
   * The keys of a family, whole, that begin with {@code prefix} and are not before {@code from}.
   */
  RocksCursor scan(Family family, byte[] prefix, byte[] from) {
    requireShare();
    return new RocksCursor(handle, family, readOptions, prefix, 0, from);
  }

  private void requireShare() {
    if (shares.get() <= 0) {
      throw new StoreException("the snapshot was released");
    }
  }

  private final class View implements OrgView {
    private final Uid org;
    private final ReadOptions options;
    private final byte[] orgPrefix;

    View(Uid org, ReadOptions options) {
      this.org = org;
      this.options = options;
      this.orgPrefix = Keys.org(org);
    }

    @Override
    public OrgHead head() {
      return RocksSnapshot.this.head(org);
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      return RocksSnapshot.this.get(Family.of(table), options, Keys.concat(prefix(table), key));
    }

    @Override
    public RowCursor scan(Table table, byte[] prefix, byte[] from) {
      requireShare();
      byte[] tablePrefix = prefix(table);
      Family family = Family.of(table);
      boolean passes = family == Family.GRANTS_BY_PRINCIPAL && options == readOptions;
      byte[] first = Arrays.compareUnsigned(prefix, from) < 0 ? from : prefix;
      return new RocksCursor(
          handle,
          family,
          passes ? passing : options,
          Keys.concat(tablePrefix, prefix),
          tablePrefix.length,
          Keys.concat(tablePrefix, first));
    }

    private byte[] prefix(Table table) {
      return Family.of(table) == Family.ORG_STATE ? Keys.tablePrefix(org, table) : orgPrefix;
    }
  }
}
