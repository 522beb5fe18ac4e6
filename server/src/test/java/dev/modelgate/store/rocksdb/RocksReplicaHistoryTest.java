package dev.modelgate.store.rocksdb;

import dev.modelgate.store.Replica;
import dev.modelgate.store.ReplicaHistoryConformance;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class RocksReplicaHistoryTest extends ReplicaHistoryConformance {
  @TempDir private Path directory;

  private RocksOptions options(String name) {
    return RocksOptions.of(directory.resolve(name)).withBlockCacheBytes(16 << 20);
  }

  @Override
  protected Replica open() {
    return RocksReplica.open(options("store"));
  }

  @Override
  protected Replica restarted(Replica old) {
    old.close();
    return RocksReplica.open(options("store"));
  }

  @Override
  protected Replica imported(Replica source) {
    try (RocksImport copy = RocksImport.begin(options("copy"))) {
      source.exportSnapshot(copy);
      copy.finish();
    }
    return RocksReplica.open(options("copy"));
  }
}
