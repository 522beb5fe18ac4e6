package dev.modelgate.store.rocksdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** What is put together here is to the byte what RocksDB puts together itself. */
final class RowBatchTest {
  @TempDir Path directory;

  private OpenedStore opened;

  @BeforeEach
  void open() {
    opened = OpenedStore.openForImport(RocksOptions.of(directory.resolve("store")));
  }

  @AfterEach
  void close() {
    opened.handle().close(Duration.ZERO);
    opened.tuning().close();
  }

  @Test
  void batch_withoutRows_isRocksDbsOwn() throws RocksDBException {
    assertSame(new RowBatch(opened.handle()), new WriteBatch());
  }

  @Test
  void batch_ofRandomRows_isRocksDbsOwn() throws RocksDBException {
    long seed = 5;
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      RowBatch ours = new RowBatch(opened.handle());
      WriteBatch theirs = new WriteBatch();
      for (int i = random.nextInt(50); i > 0; i--) {
        add(random, ours, theirs);
      }
      assertSame(ours, theirs);
    }
  }

  @Test
  void batch_thatWasWritten_canBeRead() throws RocksDBException {
    RocksHandle handle = opened.handle();
    byte[] key = {1};
    RowBatch rows = new RowBatch(handle);
    rows.put(Family.GRANTS, key, new byte[300]);
    rows.put(Family.METADATA, key, new byte[] {7});
    rows.delete(Family.GRANTS, key);
    rows.putUnder(Family.MEMBERS, key, key, new byte[0]);
    handle.write(rows);
    assertEquals(null, handle.database().get(handle.family(Family.GRANTS), key));
    assertArrayEquals(new byte[] {7}, handle.database().get(handle.family(Family.METADATA), key));
    assertArrayEquals(
        new byte[0], handle.database().get(handle.family(Family.MEMBERS), new byte[] {1, 1}));
  }

  private void add(SplittableRandom random, RowBatch ours, WriteBatch theirs)
      throws RocksDBException {
    Family family = Family.values()[random.nextInt(Family.values().length)];
    ColumnFamilyHandle handle = opened.handle().family(family);
    byte[] prefix = bytes(random, 20);
    byte[] key = bytes(random, 40);
    byte[] value = bytes(random, 40_000);
    byte[] whole = Keys.concat(prefix, key);
    switch (random.nextInt(5)) {
      case 0 -> {
        ours.put(family, key, value);
        theirs.put(handle, key, value);
      }
      case 1 -> {
        ours.put(family, key, prefix, value);
        theirs.put(handle, key, Keys.concat(prefix, value));
      }
      case 2 -> {
        ours.putUnder(family, prefix, key, value);
        theirs.put(handle, whole, value);
      }
      case 3 -> {
        ours.delete(family, key);
        theirs.delete(handle, key);
      }
      default -> {
        ours.deleteUnder(family, prefix, key);
        theirs.delete(handle, whole);
      }
    }
  }

  private static byte[] bytes(SplittableRandom random, int lengthMax) {
    byte[] bytes = new byte[random.nextInt(random.nextInt(1, lengthMax) + 1)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void assertSame(RowBatch ours, WriteBatch theirs) throws RocksDBException {
    try (theirs;
        WriteBatch made = ours.toWriteBatch()) {
      assertArrayEquals(theirs.data(), made.data());
      assertEquals(theirs.count(), made.count());
    }
  }
}
