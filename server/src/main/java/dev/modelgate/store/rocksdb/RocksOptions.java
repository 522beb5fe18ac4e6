package dev.modelgate.store.rocksdb;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a {@link RocksReplica} is opened. Its native memory is bounded by the block cache, in which
 * memtables, index and filter blocks are counted too, plus some KiB for each open file.
 *
 * @param directory holds the database and nothing else; created when absent
 * @param blockCacheBytes 8 MiB or more
 * @param memtableBytes of the block cache, what memtables may take before they are flushed; at most
 *     half of it
 * @param openFilesMax the most table files kept open; 16 or more, or -1 for all
 * @param drainWait how long a reopening or closing waits for reads that are under way
 * @param acceptLostTail opens a store whose last changes are lost, under a new lineage (hazard 26)
 * @param loadBytes of the heap, what a bulk load gathers before it writes files; 1 or more
 */
public record RocksOptions(
    Path directory,
    long blockCacheBytes,
    long memtableBytes,
    int openFilesMax,
    Duration drainWait,
    boolean acceptLostTail,
    long loadBytes) {
  private static final long MIB = 1 << 20;
  private static final long LOAD_BYTES_MAX = 64 * MIB;
  private static final int LOAD_HEAP_SHARE = 12;
  private static final long CACHE_BYTES_MIN = 8 * MIB;

  /** Refuses numbers out of range. */
  public RocksOptions {
    if (blockCacheBytes < CACHE_BYTES_MIN) {
      throw new IllegalArgumentException(
          "block cache bytes: " + blockCacheBytes + " (expected: " + CACHE_BYTES_MIN + " or more)");
    }
    if (memtableBytes < MIB || memtableBytes > blockCacheBytes / 2) {
      throw new IllegalArgumentException(
          "memtable bytes: " + memtableBytes + " (expected: 1 MiB to half the block cache)");
    }
    if (openFilesMax < 16 && openFilesMax != -1) {
      throw new IllegalArgumentException(
          "open files: " + openFilesMax + " (expected: 16 or more, or -1)");
    }
    if (loadBytes < 1) {
      throw new IllegalArgumentException("load bytes: " + loadBytes + " (expected: 1 or more)");
    }
  }

  /**
   * 64 MiB of block cache, 24 MiB of it for memtables, 512 open files, 10 s; a twelfth of the heap
   * for a load, and 64 MiB at most.
   */
  public static RocksOptions of(Path directory) {
    long load = Math.min(LOAD_BYTES_MAX, Runtime.getRuntime().maxMemory() / LOAD_HEAP_SHARE);
    return new RocksOptions(
        directory, 64 * MIB, 24 * MIB, 512, Duration.ofSeconds(10), false, load);
  }

  /** The same with another block cache, three eighths of it for memtables. */
  public RocksOptions withBlockCacheBytes(long bytes) {
    return new RocksOptions(
        directory, bytes, bytes / 8 * 3, openFilesMax, drainWait, acceptLostTail, loadBytes);
  }

  /** The same, accepting or refusing a lost tail. */
  public RocksOptions withAcceptLostTail(boolean accept) {
    return new RocksOptions(
        directory, blockCacheBytes, memtableBytes, openFilesMax, drainWait, accept, loadBytes);
  }

  /** The same with another bound of loads. */
  public RocksOptions withLoadBytes(long bytes) {
    return new RocksOptions(
        directory, blockCacheBytes, memtableBytes, openFilesMax, drainWait, acceptLostTail, bytes);
  }
}
