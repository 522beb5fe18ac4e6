package dev.modelgate.store.rocksdb;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.HistogramType;
import org.rocksdb.HyperClockCache;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Statistics;
import org.rocksdb.StatsLevel;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/**
 * The RocksDB options, and the native objects that outlive a reopening: block cache, memtable
 * budget, statistics.
 *
 * <p>Point reads come first: whole-key Bloom filters (10 bits, 1 % false positives), hash index in
 * the data blocks, index and filters in the block cache so that memory has one bound. There is no
 * prefix extractor, so every scan is a total-order seek and cannot miss rows; it costs scans a
 * filter that they would rarely profit from.
 */
final class Tuning implements AutoCloseable {
  private static final double BLOOM_BITS = 10;
  private static final long BLOCK_BYTES = 4096;
  private static final long FAMILY_MEMTABLE_BYTES = 8 << 20;

  /** Small, for each of the 13 families holds at least one arena block of the memtable budget. */
  private static final long ARENA_BYTES = 128 << 10;

  /**
   * Of the bytes of a memtable of grants, for a filter of its own: 130 KiB, some 12 bits for each
   * of the rows of 100 bytes that it holds. Most reads ask for a grant that is not there, and to
   * find that out takes microseconds in a list of 80,000 rows. The other families are not worth it,
   * for an empty memtable has its filter too.
   */
  private static final double MEMTABLE_BLOOM_RATIO = 1 / 64.0;

  /**
   * How many files of the index of grants by principal are collected before they are merged, where
   * RocksDB has 4 by default. An import writes the grants of a principal all over this index, so
   * that each merge writes all of it again. A check walks it once for a caller who is asked about
   * often, and a listing once; either looks into at most so many files of some 1 MiB more.
   */
  private static final int INDEX_FILES = 20;

  private static final long WAL_BYTES_MAX = 64 << 20;
  private static final long INFO_LOG_BYTES = 1 << 20;
  private static final int BACKGROUND_JOBS = 2;

  private final RocksOptions options;
  private final Cache cache;
  private final WriteBufferManager memtables;
  private final Statistics statistics;
  private final BloomFilter bloom;
  private final List<ColumnFamilyDescriptor> families = new ArrayList<>();

  Tuning(RocksOptions options) {
    this.options = options;
    // Charge 0: the cache finds the size of its table by itself. Shards -1: by its capacity.
    this.cache = new HyperClockCache(options.blockCacheBytes(), 0, -1, false);
    this.memtables = new WriteBufferManager(options.memtableBytes(), cache);
    // Tickers, and the time of syncs: a sample per read is measurable at a microsecond per read.
    this.statistics =
        new Statistics(EnumSet.complementOf(EnumSet.of(HistogramType.WAL_FILE_SYNC_MICROS)));
    statistics.setStatsLevel(StatsLevel.EXCEPT_DETAILED_TIMERS);
    this.bloom = new BloomFilter(BLOOM_BITS);
    for (Family family : Family.values()) {
      families.add(new ColumnFamilyDescriptor(family.nameBytes(), options(family)));
    }
  }

  /** Statistics since the replica was opened. */
  Statistics statistics() {
    return statistics;
  }

  /** The caller closes it with the database. */
  DBOptions database() {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setParanoidChecks(true)
        // A record torn by kill -9 at the end of a log is cut off; damage before it is an error.
        .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
        .setMaxTotalWalSize(WAL_BYTES_MAX)
        .setMaxOpenFiles(options.openFilesMax())
        .setMaxBackgroundJobs(BACKGROUND_JOBS)
        .setWriteBufferManager(memtables)
        .setStatistics(statistics)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(INFO_LOG_BYTES)
        .setKeepLogFileNum(4)
        // All is in the synced log; a flush could only fail and delay the closing.
        .setAvoidFlushDuringShutdown(true)
        // One writer: the concurrent path only costs.
        .setAllowConcurrentMemtableWrite(false)
        .setEnableWriteThreadAdaptiveYield(false)
        .setSkipStatsUpdateOnDbOpen(true);
  }

  /** In the order of {@link Family}; the same for every opening. */
  List<ColumnFamilyDescriptor> families() {
    return families;
  }

  /** Those of one family; they belong to this object. */
  ColumnFamilyOptions family(Family family) {
    return families.get(family.ordinal()).getOptions();
  }

  /** How many more files of a family are collected than RocksDB does by itself. */
  int moreUnmerged(Family family) {
    return family == Family.GRANTS_BY_PRINCIPAL ? INDEX_FILES : 0;
  }

  private ColumnFamilyOptions options(Family family) {
    ColumnFamilyOptions familyOptions = pointReads(family);
    return family == Family.GRANTS_BY_PRINCIPAL
        ? familyOptions
            .setLevel0FileNumCompactionTrigger(INDEX_FILES)
            .setLevel0SlowdownWritesTrigger(2 * INDEX_FILES)
            .setLevel0StopWritesTrigger(3 * INDEX_FILES)
        : familyOptions;
  }

  private ColumnFamilyOptions pointReads(Family family) {
    return new ColumnFamilyOptions()
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setBlockSize(BLOCK_BYTES)
                .setFilterPolicy(bloom)
                .setWholeKeyFiltering(true)
                .setOptimizeFiltersForMemory(true)
                .setCacheIndexAndFilterBlocks(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setDataBlockIndexType(DataBlockIndexType.kDataBlockBinaryAndHash))
        .setWriteBufferSize(Math.min(FAMILY_MEMTABLE_BYTES, options.memtableBytes()))
        .setArenaBlockSize(ARENA_BYTES)
        .setMemtablePrefixBloomSizeRatio(family == Family.GRANTS ? MEMTABLE_BLOOM_RATIO : 0)
        .setMemtableWholeKeyFiltering(true)
        .setMaxWriteBufferNumber(2)
        // ZSTD on the last level takes a third less of the disk, 13 bytes a grant for 19, and half
        // as much CPU again in the background of an import.
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setLevelCompactionDynamicLevelBytes(true)
        .setForceConsistencyChecks(true)
        .setParanoidFileChecks(true);
  }

  @Override
  public void close() {
    families.forEach(family -> family.getOptions().close());
    bloom.close();
    memtables.close();
    statistics.close();
    cache.close();
  }
}
