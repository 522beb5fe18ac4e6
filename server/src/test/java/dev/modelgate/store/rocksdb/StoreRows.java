package dev.modelgate.store.rocksdb;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.modelgate.model.Uid;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.StoreSnapshot;
import java.nio.file.Files;
import java.time.Duration;
import org.rocksdb.ReadOptions;

/** What a store holds of an organization. */
final class StoreRows {
  private StoreRows() {}

  /** The head that is published. */
  static OrgHead head(RocksReplica replica, Uid org) {
    StoreSnapshot snapshot = replica.snapshot();
    try {
      return snapshot.head(org);
    } finally {
      snapshot.release();
    }
  }

  /** Looks into the files of a closed store: no row in any family, no mark and no directory. */
  static void assertNothingOf(Uid org, RocksOptions options) {
    OpenedStore opened = OpenedStore.open(options);
    try (ReadOptions newest = new ReadOptions()) {
      byte[] prefix = Keys.org(org);
      for (Family family : Family.values()) {
        if (family != Family.METADATA) {
          try (RocksCursor rows =
              new RocksCursor(opened.handle(), family, newest, prefix, 0, prefix)) {
            assertFalse(rows.next(), () -> "a row of " + org + " in " + family);
          }
        }
      }
      assertNull(Metadata.loading(opened.handle(), newest));
      assertFalse(Files.exists(options.directory().resolve(LoadFiles.DIRECTORY)));
    } finally {
      opened.handle().close(Duration.ofSeconds(1));
      opened.tuning().close();
    }
  }
}
