package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of sorted rows, written beside the database and moved into it, one family at a time: that
 * is all that RocksDB's binding for Java does in one step (hazard 25). So the organization that
 * they are of is marked in the metadata before the first of them, and the mark goes with the write
 * that brings its head; rows of a marked organization without a head are nobody's, and are deleted.
 *
 * <p>For one opening of the database and one thread at a time.
 */
final class LoadFiles {
  private static final Logger log = LoggerFactory.getLogger(LoadFiles.class);

  /** In the directory of the store, for a file is moved by a link. */
  static final String DIRECTORY = "loading";

  /**
   * How many files of a family's first level a load waits to be merged: from 20 on RocksDB would
   * slow down everybody's commits.
   */
  private static final int UNMERGED_FILES_MAX = 16;

  private static final String UNMERGED_FILES = "rocksdb.num-files-at-level0";
  private static final long MERGE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long MERGE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final RocksHandle handle;
  private final Tuning tuning;
  private final Path directory;
  private long number;

  LoadFiles(RocksHandle handle, Tuning tuning, Path store) {
    this.handle = handle;
    this.tuning = tuning;
    this.directory = store.resolve(DIRECTORY);
  }

  /** What fills a file. */
  @FunctionalInterface
  interface Rows {
    /** Puts all rows, in the order of their keys. */
    void into(LoadFile file) throws RocksDBException;
  }

  /**
   * Deletes what an earlier load left, and marks an organization as being loaded, durably.
   *
   * @throws StoreException when that fails
   */
  void begin(Uid org) {
    clean();
    RowBatch batch = new RowBatch(handle);
    Metadata.putLoading(batch, org);
    try {
      handle.write(batch);
      Files.createDirectories(directory);
    } catch (RocksDBException e) {
      throw failed(e);
    } catch (IOException e) {
      throw new StoreException("cannot create `" + directory + "`: " + e.getMessage(), e);
    }
  }

  /**
   * Writes a file and moves it in; durable on return.
   *
   * @throws StoreException when that fails
   */
  void add(Family family, Rows rows) {
    try (LoadFile file = open(family)) {
      rows.into(file);
      move(file);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  /** Begins a file that takes rows until it is moved; the caller closes it. */
  LoadFile open(Family family) throws RocksDBException {
    int entered = handle.guard().enter();
    try {
      Path path = directory.resolve(family.storedName() + "-" + number++ + ".sst");
      return new LoadFile(family, path, tuning);
    } finally {
      handle.guard().exit(entered);
    }
  }

  /** Moves a file in, durably. */
  void move(LoadFile file) throws RocksDBException {
    int entered = handle.guard().enter();
    try (IngestExternalFileOptions options = new IngestExternalFileOptions().setMoveFiles(true)) {
      file.finish();
      handle
          .database()
          .ingestExternalFile(
              handle.family(file.family()), List.of(file.path().toString()), options);
    } finally {
      handle.guard().exit(entered);
    }
    awaitMerging(file.family());
  }

  private void awaitMerging(Family family) {
    long begin = System.nanoTime();
    while (unmerged(family) >= UNMERGED_FILES_MAX + tuning.moreUnmerged(family)
        && System.nanoTime() - begin < MERGE_WAIT_NANOS) {
      LockSupport.parkNanos(MERGE_POLL_NANOS);
    }
  }

  private long unmerged(Family family) {
    int entered = handle.guard().enter();
    try {
      return Long.parseLong(handle.database().getProperty(handle.family(family), UNMERGED_FILES));
    } catch (RocksDBException e) {
      throw failed(e);
    } finally {
      handle.guard().exit(entered);
    }
  }

  /**
   * Deletes what a load left that did not come to its end: files that were not moved, as far as
   * that can be, and the rows of an organization that is marked and has no head.
   *
   * @throws StoreException when the rows cannot be deleted; it may be tried again
   */
  void clean() {
    deleteFiles(); // First: the disk may be full of them.
    int entered = handle.guard().enter();
    try (ReadOptions newest = new ReadOptions()) {
      Uid org = Metadata.loading(handle, newest);
      if (org != null) {
        if (!handle.has(Family.HEADS, Keys.org(org))) {
          deleteRows(org);
        }
        RowBatch batch = new RowBatch(handle);
        Metadata.deleteLoading(batch);
        handle.write(batch);
      }
    } catch (RocksDBException e) {
      throw failed(e);
    } finally {
      handle.guard().exit(entered);
    }
  }

  /** Files that hold nothing else go as a whole, so that the disk is free at once. */
  private void deleteRows(Uid org) throws RocksDBException {
    byte[] from = Keys.org(org);
    byte[] to = Objects.requireNonNull(Keys.behind(from), "a key behind every organization");
    try (WriteOptions unsynced = new WriteOptions()) {
      for (Family family : Family.values()) {
        if (family != Family.METADATA) {
          ColumnFamilyHandle rows = handle.family(family);
          handle.database().deleteFilesInRanges(rows, List.of(from, to), false);
          if (isAnyRow(family, from)) {
            handle.database().deleteRange(rows, unsynced, from, to);
          }
        }
      }
    }
  }

  private boolean isAnyRow(Family family, byte[] prefix) {
    try (ReadOptions newest = new ReadOptions();
        RocksCursor rows = new RocksCursor(handle, family, newest, prefix, 0, prefix)) {
      return rows.next();
    }
  }

  /** Nothing refers to them, so one that cannot be deleted hurts nobody. */
  void deleteFiles() {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException | UncheckedIOException e) {
      log.warn("`{}` cannot be deleted: {}", directory, e.getMessage());
    }
  }

  /** What a failure of RocksDB means for a load. */
  static StoreException failed(RocksDBException e) {
    return new StoreException("cannot load: " + RocksErrors.line(e), e);
  }
}
