package dev.modelgate.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.ConfigOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.OptionsUtil;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** What a store takes on disk when all is compacted. */
final class CompactedStore {
  private static final String LOG = "log";

  private CompactedStore() {}

  /**
   * Compacts a store that nobody has open, with its own options, and counts the bytes of all its
   * tables but the change log: the current state with its indexes.
   */
  static long bytes(Path store) throws RocksDBException {
    List<ColumnFamilyDescriptor> families = new ArrayList<>();
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    long bytes = 0;
    boolean hasLog = false;
    try (ConfigOptions reading = new ConfigOptions();
        DBOptions options = new DBOptions()) {
      OptionsUtil.loadLatestOptions(reading, store.toString(), options, families);
      try (RocksDB database = RocksDB.open(options, store.toString(), families, handles);
          CompactRangeOptions whole =
              new CompactRangeOptions()
                  .setBottommostLevelCompaction(BottommostLevelCompaction.kForce)) {
        for (ColumnFamilyHandle family : handles) {
          if (new String(family.getName(), StandardCharsets.UTF_8).equals(LOG)) {
            hasLog = true;
          } else {
            database.compactRange(family, null, null, whole);
            bytes += database.getLongProperty(family, "rocksdb.live-sst-files-size");
          }
        }
        handles.forEach(ColumnFamilyHandle::close);
      }
    }
    families.forEach(family -> family.getOptions().close());
    if (!hasLog) {
      throw new IllegalStateException("no family is the log: what was counted?");
    }
    return bytes;
  }
}
