package dev.modelgate.store.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.store.ByteWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.rocksdb.RocksDBException;

final class IndexRunsTest {
  private static final Optional<byte[]> THERE = Optional.of(new byte[0]);

  private static Map<byte[], Optional<byte[]>> run() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }

  private static byte[] key(long first, long second) {
    return new ByteWriter(16).fixed64(first).fixed64(second).toBytes();
  }

  private static List<String> merged(IndexRuns runs) throws RocksDBException {
    List<String> rows = new ArrayList<>();
    runs.merge((key, there) -> rows.add(HexFormat.of().formatHex(key) + there));
    return rows;
  }

  @Test
  void merge_ofAnyRuns_isWhatTheLatestSayInTheOrderOfTheKeys() throws RocksDBException {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    IndexRuns runs = new IndexRuns();
    Map<byte[], Optional<byte[]>> all = run();
    long rows = 0;
    for (int i = 0; i < 20; i++) {
      Map<byte[], Optional<byte[]>> run = run();
      for (int j = random.nextInt(60); j > 0; j--) {
        // The sign bit too: keys sort as unsigned bytes.
        byte[] key = key(random.nextLong(-3, 3), random.nextInt(10));
        run.put(key, random.nextInt(4) == 0 ? Optional.empty() : THERE);
      }
      runs.add(run);
      all.putAll(run);
      rows += run.size();
    }
    List<String> expected = new ArrayList<>();
    all.forEach((key, value) -> expected.add(HexFormat.of().formatHex(key) + value.isPresent()));
    assertEquals(expected, merged(runs), () -> "seed " + seed);
    assertEquals(17 * rows, runs.bytes());
    runs.clear();
    assertTrue(runs.isEmpty());
    assertEquals(List.of(), merged(runs));
  }

  @Test
  void add_ofWhatIsNoPair_isRefused() {
    IndexRuns runs = new IndexRuns();
    Map<byte[], Optional<byte[]>> valued = run();
    valued.put(key(1, 2), Optional.of(new byte[1]));
    assertThrows(IllegalArgumentException.class, () -> runs.add(valued));
    Map<byte[], Optional<byte[]>> shorter = run();
    shorter.put(new byte[15], THERE);
    assertThrows(IllegalArgumentException.class, () -> runs.add(shorter));
  }
}
