package dev.modelgate.store.rocksdb;

import static dev.modelgate.store.Changes.after;
import static dev.modelgate.store.Changes.at;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.next;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;

/** What many grants cost: bytes on disk, and nothing at an opening. */
final class SizeTest {
  private static final Uid ORG = new Uid(1 << 20);
  private static final int GRANTS = 60_000;
  private static final int BATCH = 1_000;

  /** The aim for a grant and its index row, compressed and compacted. */
  private static final int BYTES_MAX = 60;

  @TempDir private Path directory;

  @Test
  void grants_compacted_takeFewBytesAndAreNotReadByAnOpening() throws RocksDBException {
    RocksOptions options =
        RocksOptions.of(directory.resolve("store")).withBlockCacheBytes(16L << 20);
    long seed = System.nanoTime();
    fill(options, new Random(seed));
    long bytes = compact(options);
    assertTrue(
        bytes > GRANTS && bytes < (long) GRANTS * BYTES_MAX,
        () -> "seed " + seed + ": " + bytes + " bytes for " + GRANTS + " grants");
    try (RocksReplica opened = RocksReplica.open(options)) {
      Map<String, Long> statistics = opened.statistics();
      // A block holds more than a hundred grants: to read them all would be several hundred blocks.
      long blocks =
          statistics.getOrDefault("block_cache_hits", Long.MAX_VALUE)
              + statistics.getOrDefault("block_cache_misses", Long.MAX_VALUE);
      assertTrue(blocks >= 0 && blocks < 100, () -> "an opening read " + blocks + " blocks");
    }
  }

  /** Grants of random users with one of several roles. */
  private static void fill(RocksOptions options, Random random) {
    try (RocksReplica replica = RocksReplica.open(options)) {
      OrgHead head = OrgHead.empty(ORG);
      for (int from = 0; from < GRANTS; from += BATCH) {
        List<Mutation> mutations = new ArrayList<>();
        for (int i = from; i < from + BATCH; i++) {
          long user = (1L << 20) + random.nextInt(1 << 20);
          mutations.add(grant((long) (i / 100) << 20, user, 1 + random.nextInt(4)).put());
        }
        ChangeSet changeSet = next(head, mutations.toArray(Mutation[]::new));
        replica.apply(List.of(at(head.version() + 1, changeSet)));
        head = after(head, changeSet);
      }
    }
  }

  /** The bytes of all tables but the log, compacted. */
  private static long compact(RocksOptions options) throws RocksDBException {
    OpenedStore opened = OpenedStore.open(options);
    long bytes = 0;
    try (FlushOptions flush = new FlushOptions().setWaitForFlush(true);
        CompactRangeOptions whole =
            new CompactRangeOptions()
                .setBottommostLevelCompaction(BottommostLevelCompaction.kForce)) {
      for (Family family : Family.values()) {
        var handle = opened.handle().family(family);
        opened.handle().database().flush(flush, handle);
        opened.handle().database().compactRange(handle, null, null, whole);
        bytes +=
            family == Family.LOG
                ? 0
                : opened.handle().database().getLongProperty(handle, "rocksdb.live-sst-files-size");
      }
    } finally {
      opened.handle().close(Duration.ofSeconds(10));
      opened.tuning().close();
    }
    return bytes;
  }
}
