package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ApplyResult;
import dev.modelgate.store.BulkLoad;
import dev.modelgate.store.LogIdentity;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.OutcomeUnknownException;
import dev.modelgate.store.Position;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.Recent;
import dev.modelgate.store.Replica;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.Shard;
import dev.modelgate.store.SnapshotSink;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import dev.modelgate.store.UnopenableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replica on RocksDB, and on one machine the log too.
 *
 * <p>All reads go through one snapshot of what the last successful {@link #apply} made, never
 * through the newest state of the database, which shows a write before it is durable (hazard 1).
 *
 * <p>Write path: a failed write leaves that snapshot readable and refuses batches until {@link
 * #reopen}. Reopening needs the database closed for a moment: it first proves that there is space,
 * then waits for reads under way; snapshots of before end. When the files cannot be opened for
 * writing again, they are opened for reading, so that only writing stays refused.
 */
public final class RocksReplica implements Replica {
  private static final Logger log = LoggerFactory.getLogger(RocksReplica.class);

  private final RocksOptions options;
  private final Tuning tuning;
  private final Opening opening;
  private final LogIdentity identity;
  private final WitnessWriter witness;
  private final Object writing = new Object();
  private volatile RocksHandle handle;
  private volatile RocksSnapshot latest;
  private @Nullable RocksLoad load;

  /** Of which a load may have brought rows, and which has no head; null when there is none. */
  private @Nullable Uid headless;

  private boolean failed;
  private boolean closed;

  private RocksReplica(RocksOptions options, OpenedStore opened) {
    this.options = options;
    this.tuning = opened.tuning();
    this.opening = opened.opening();
    this.identity = new LogIdentity(opened.metadata().lineage(), Shard.COUNT);
    this.handle = opened.handle();
    this.latest = handle.snapshot();
    this.witness =
        new WitnessWriter(opened.witness(), opened.metadata().lineage(), latest.position());
  }

  /**
   * Opens a store, or begins one where there is none. Reads the heads and the newest log row of
   * each organization; RocksDB replays what was not yet flushed, at most 64 MiB.
   *
   * @throws UnopenableException in one line: held by another process, newer schema, damage, a lost
   *     tail, no rights
   */
  public static RocksReplica open(RocksOptions options) {
    return new RocksReplica(options, OpenedStore.open(options));
  }

  /** The last position applied; where an {@code EmbeddedChangeLog} goes on. */
  public Position position() {
    return latest.position();
  }

  @Override
  public LogIdentity identity() {
    return identity;
  }

  @Override
  public ApplyResult apply(List<Positioned> batch) {
    synchronized (writing) {
      requireWritable();
      if (load == null) {
        clean();
      }
      RocksSnapshot base = latest;
      HeadRow loaded = load == null ? null : load.sealed();
      Staging staging = new Staging(handle, base, base.position(), loaded);
      batch.forEach(staging::add);
      write(staging);
      return staging.result();
    }
  }

  private void requireWritable() {
    if (closed) {
      throw new StoreException("the store is closed");
    }
    if (failed) {
      throw new StoreException("a write failed; the store has to be reopened");
    }
  }

  /** From here on until the new snapshot stands, any failure leaves the outcome unknown. */
  private void write(Staging staging) {
    failed = true;
    try {
      handle.write(staging.finish());
    } catch (RocksDBException e) {
      throw new OutcomeUnknownException("the commit write failed: " + RocksErrors.line(e), e);
    }
    if (staging.completesLoaded()) {
      headless = null;
    }
    publish(handle.snapshot(headless));
    witness.advance(staging.position());
    failed = false;
  }

  private void publish(RocksSnapshot next) {
    RocksSnapshot previous = latest;
    latest = next;
    previous.release();
  }

  /** One at a time, so that what they hold in memory has one bound; its mark is one sync. */
  @Override
  public Optional<BulkLoad> load(Uid org) {
    synchronized (writing) {
      requireWritable();
      if (load != null || latest.head(org).version() > 0) {
        return Optional.empty();
      }
      LoadFiles files = new LoadFiles(handle, tuning, options.directory());
      files.begin(org);
      headless = org;
      RocksLoad begun =
          new RocksLoad(org, handle, files, latest.position(), options.loadBytes(), this::ended);
      load = begun;
      return Optional.of(begun);
    }
  }

  private void ended(RocksLoad ended) {
    synchronized (writing) {
      load = null;
      if (!closed && !failed) {
        try {
          cleaned();
        } catch (RuntimeException e) {
          log.warn(
              "organization {}: loaded rows are deleted later: {}", ended.org(), e.getMessage());
        }
      }
    }
  }

  /** Before anything else is written: nothing may come to lie on what a load has left. */
  private void clean() {
    if (headless != null) {
      cleaned();
    }
  }

  private void cleaned() {
    new LoadFiles(handle, tuning, options.directory()).clean();
    headless = null;
  }

  /** Costs no I/O and no lock: all callers share the snapshot of the last batch. */
  @Override
  public StoreSnapshot snapshot() {
    return retained();
  }

  private RocksSnapshot retained() {
    RocksSnapshot snapshot = latest;
    while (!snapshot.tryRetain()) {
      // Replaced meanwhile, unless the store is closed and nothing comes after it.
      RocksSnapshot newer = latest;
      if (newer == snapshot) {
        throw new StoreException("the store is closed");
      }
      snapshot = newer;
    }
    return snapshot;
  }

  private <T> T reading(Function<RocksSnapshot, T> reader) {
    RocksSnapshot snapshot = retained();
    try {
      return reader.apply(snapshot);
    } finally {
      snapshot.release();
    }
  }

  @Override
  public Optional<Recent> recent(Uid org, Actor actor, RequestId requestId) {
    byte[] hash = Keys.requestHash(actor, requestId);
    return reading(snapshot -> snapshot.recent(org, hash));
  }

  @Override
  public long recentSince(Uid org) {
    return reading(snapshot -> snapshot.headRow(org).recentSince());
  }

  @Override
  public Optional<LogRecord> read(Uid org, long version) {
    return reading(snapshot -> snapshot.log(org, version));
  }

  @Override
  public void reopen() {
    synchronized (writing) {
      if (closed) {
        throw new StoreException("the store is closed");
      }
      failed = true;
      // Those of a load that is open are void: it ends with this opening of the database.
      new LoadFiles(handle, tuning, options.directory()).deleteFiles();
      SpaceProbe.require(options.directory());
      Position acknowledged = latest.position();
      handle.close(options.drainWait());
      try {
        adopt(opening.open());
      } catch (UnopenableException e) {
        adopt(opening.openReadOnly());
        throw e;
      }
      if (latest.position().compareTo(acknowledged) < 0) {
        throw new StoreException(
            "the store lost its tail: it ends at position "
                + latest.position().value()
                + " behind the acknowledged "
                + acknowledged.value());
      }
      witness.advance(latest.position());
      failed = false;
    }
  }

  private void adopt(RocksHandle opened) {
    RocksSnapshot snapshot;
    try {
      if (headless != null && opened.has(Family.HEADS, Keys.org(headless))) {
        headless = null; // The write that was not known to be durable was.
      }
      snapshot = opened.snapshot(headless);
    } catch (RuntimeException e) {
      opened.close(Duration.ZERO);
      throw e;
    }
    handle = opened;
    publish(snapshot);
  }

  @Override
  public void exportSnapshot(SnapshotSink sink) {
    reading(
        snapshot -> {
          try (RocksCursor heads = snapshot.scan(Family.HEADS, Keys.empty(), Keys.empty())) {
            while (heads.next()) {
              export(snapshot, HeadRow.decode(Keys.orgOf(heads.key()), heads.value()), sink);
            }
          }
          return sink;
        });
  }

  private static void export(RocksSnapshot snapshot, HeadRow row, SnapshotSink sink) {
    sink.head(row.head());
    for (Table table : Table.values()) {
      if (!table.isIndex()) {
        try (var rows = snapshot.view(row.head().org()).scan(table, Keys.empty(), Keys.empty())) {
          while (rows.next()) {
            sink.row(table, rows.key(), rows.value());
          }
        }
      }
    }
  }

  /**
   * Counters since the opening and sizes of now, by name; see {@link RocksStatistics}. Takes some
   * tens of microseconds.
   */
  public Map<String, Long> statistics() {
    return RocksStatistics.read(handle, tuning.statistics(), witness);
  }

  /**
   * Checks everything: the checksums of all files, each organization's digest chain, and that all
   * rows are what the log adds up to. Reads the whole store and holds it in memory once.
   *
   * @throws StoreException naming the first finding
   */
  public void verify() {
    reading(
        snapshot -> {
          new Verifier(handle, snapshot).verify();
          return snapshot;
        });
  }

  /**
   * Waits for reads under way, bounded, then closes the files. When reads do not end, the files
   * stay open until the process ends rather than free memory under a reader.
   */
  @Override
  public void close() {
    synchronized (writing) {
      if (!closed) {
        closed = true;
        witness.close();
        handle.close(options.drainWait());
        tuning.close();
      }
    }
  }
}
