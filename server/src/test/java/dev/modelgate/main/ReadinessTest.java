package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ready is from the end of the start to the beginning of the stop, while the store can be read. */
final class ReadinessTest {
  @TempDir Path directory;

  @Test
  void ready_fromBeginToEnd_andOnlyWhileTheStoreCanBeRead() {
    Readiness readiness = new Readiness();
    assertFalse(readiness.isReady());
    RocksReplica replica = RocksReplica.open(RocksOptions.of(directory.resolve("store")));
    readiness.begin(() -> replica.recentSince(Uid.SYSTEM));
    assertTrue(readiness.isReady());
    replica.close();
    assertFalse(readiness.isReady());
    readiness.begin(() -> {});
    assertTrue(readiness.isReady());
    readiness.end();
    assertFalse(readiness.isReady());
  }
}
