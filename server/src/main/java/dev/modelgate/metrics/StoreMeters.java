package dev.modelgate.metrics;

import dev.modelgate.store.StoreException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Shows the store's own statistics, those that an operator can act on. They are read once per
 * scrape, so that the numbers of one scrape belong together; while the store cannot be read the
 * last ones stand.
 */
final class StoreMeters {
  private static final double MICROS = 1e-6;

  private static final List<Meter> METERS =
      List.of(
          Meter.counter("gets", "gets", "Rows read one by one"),
          Meter.counter("seeks", "seeks", "Scans begun"),
          Meter.counter("block_cache_hits", "block.cache.hits", "Blocks found in memory"),
          Meter.counter("block_cache_misses", "block.cache.misses", "Blocks read from disk"),
          Meter.gauge("block_cache_bytes", "block.cache.bytes", "Bytes of the block cache in use"),
          Meter.gauge(
              "block_cache_pinned_bytes",
              "block.cache.pinned.bytes",
              "Bytes of the block cache that cannot be let go"),
          Meter.counter("bloom_useful", "bloom.useful", "Reads of disk that a filter saved"),
          Meter.counter("wal_syncs", "wal.syncs", "Syncs of the write-ahead log"),
          new Meter(
              "wal_sync_micros",
              "wal.sync.seconds",
              "Time spent in syncs of the write-ahead log",
              true,
              MICROS),
          Meter.counter("wal_bytes", "wal.written.bytes", "Bytes written to the write-ahead log"),
          new Meter(
              "stall_micros", "stall.seconds", "Time for which writes were held up", true, MICROS),
          Meter.gauge("write_stopped", "write.stopped", "1 while writes are held up altogether"),
          Meter.gauge("memtable_bytes", "memtable.bytes", "Bytes of changes not yet in tables"),
          Meter.gauge(
              "table_reader_bytes",
              "table.reader.bytes",
              "Bytes held for open tables beside the block cache"),
          Meter.gauge("live_sst_bytes", "table.bytes", "Bytes of tables on disk"),
          Meter.gauge("compaction_pending", "compaction.pending", "1 while a compaction is due"),
          Meter.gauge(
              "compaction_pending_bytes",
              "compaction.pending.bytes",
              "Bytes that compaction has to rewrite, estimated"),
          Meter.counter("background_errors", "background.errors", "Failed flushes and compactions"),
          Meter.counter(
              "witness_failures", "witness.failures", "Failed writes of the head witness"),
          Meter.gauge("keys_estimate", "keys", "Rows, estimated"));

  private final Supplier<Map<String, Long>> statistics;
  private volatile Map<String, Long> latest = Map.of();

  /** One statistic under the name of its metric. */
  private record Meter(String key, String name, String help, boolean counts, double unit) {
    static Meter counter(String key, String name, String help) {
      return new Meter(key, name, help, true, 1);
    }

    static Meter gauge(String key, String name, String help) {
      return new Meter(key, name, help, false, 1);
    }
  }

  StoreMeters(Supplier<Map<String, Long>> statistics, MeterRegistry registry) {
    this.statistics = statistics;
    for (Meter meter : METERS) {
      String name = "modelgate.store." + meter.name();
      if (meter.counts()) {
        FunctionCounter.builder(name, this, self -> self.value(meter))
            .description(meter.help())
            .register(registry);
      } else {
        Gauge.builder(name, this, self -> self.value(meter))
            .description(meter.help())
            .strongReference(true)
            .register(registry);
      }
    }
  }

  /** Reads the statistics anew. */
  void refresh() {
    try {
      latest = statistics.get();
    } catch (StoreException e) {
      // Being reopened or closed: a scrape still shows everything else.
    }
  }

  private double value(Meter meter) {
    return latest.getOrDefault(meter.key(), 0L) * meter.unit();
  }
}
