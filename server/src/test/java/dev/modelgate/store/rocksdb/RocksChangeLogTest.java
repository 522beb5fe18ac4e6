package dev.modelgate.store.rocksdb;

import dev.modelgate.store.ChangeLogConformance;
import dev.modelgate.store.Replica;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class RocksChangeLogTest extends ChangeLogConformance {
  @TempDir private Path directory;

  @Override
  protected Replica open() {
    return RocksReplica.open(RocksOptions.of(directory).withBlockCacheBytes(16 << 20));
  }
}
