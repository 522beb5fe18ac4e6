package dev.modelgate.store.rocksdb;

import dev.modelgate.store.StoreException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.rocksdb.HistogramType;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;

/** RocksDB's counters and sizes under names of our own. */
final class RocksStatistics {
  private static final Map<String, TickerType> COUNTERS = new LinkedHashMap<>();
  private static final Map<String, String> SIZES = new LinkedHashMap<>();

  static {
    COUNTERS.put("gets", TickerType.NUMBER_KEYS_READ);
    COUNTERS.put("seeks", TickerType.NUMBER_DB_SEEK);
    COUNTERS.put("block_cache_hits", TickerType.BLOCK_CACHE_HIT);
    COUNTERS.put("block_cache_misses", TickerType.BLOCK_CACHE_MISS);
    COUNTERS.put("bloom_useful", TickerType.BLOOM_FILTER_USEFUL);
    COUNTERS.put("wal_syncs", TickerType.WAL_FILE_SYNCED);
    COUNTERS.put("wal_bytes", TickerType.WAL_FILE_BYTES);
    COUNTERS.put("stall_micros", TickerType.STALL_MICROS);
    SIZES.put("write_stopped", "rocksdb.is-write-stopped");
    SIZES.put("block_cache_bytes", "rocksdb.block-cache-usage");
    SIZES.put("block_cache_pinned_bytes", "rocksdb.block-cache-pinned-usage");
    SIZES.put("memtable_bytes", "rocksdb.cur-size-all-mem-tables");
    SIZES.put("table_reader_bytes", "rocksdb.estimate-table-readers-mem");
    SIZES.put("live_sst_bytes", "rocksdb.live-sst-files-size");
    SIZES.put("compaction_pending", "rocksdb.compaction-pending");
    SIZES.put("compaction_pending_bytes", "rocksdb.estimate-pending-compaction-bytes");
    SIZES.put("background_errors", "rocksdb.background-errors");
    SIZES.put("keys_estimate", "rocksdb.estimate-num-keys");
  }

  private RocksStatistics() {}

  /** Everything, in a stable order. */
  static Map<String, Long> read(RocksHandle handle, Statistics statistics, WitnessWriter witness) {
    int entered = handle.guard().enter();
    try {
      Map<String, Long> values = new LinkedHashMap<>();
      COUNTERS.forEach((name, ticker) -> values.put(name, statistics.getTickerCount(ticker)));
      values.put(
          "wal_sync_micros",
          statistics.getHistogramData(HistogramType.WAL_FILE_SYNC_MICROS).getSum());
      for (Map.Entry<String, String> size : SIZES.entrySet()) {
        values.put(size.getKey(), size(handle, size.getValue()));
      }
      values.put("witness_failures", witness.failures());
      return values;
    } catch (RocksDBException e) {
      throw new StoreException("cannot read statistics: " + RocksErrors.line(e), e);
    } finally {
      handle.guard().exit(entered);
    }
  }

  private static long size(RocksHandle handle, String property) throws RocksDBException {
    RocksDB database = handle.database();
    if (property.startsWith("rocksdb.block-cache")
        || property.endsWith("background-errors")
        || property.endsWith("is-write-stopped")) {
      // One cache for all families, one state of the database: not to be added up.
      return database.getLongProperty(handle.family(Family.GRANTS), property);
    }
    return database.getAggregatedLongProperty(property);
  }
}
