package dev.modelgate.store.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Acceptor;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.StoreSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while it commits loses nothing that it acknowledged. */
final class CrashTest {
  private static final int KILLS = 50;
  private static final int ACKNOWLEDGED_MAX = 400;

  @TempDir private Path directory;

  /** The last acknowledged digest by organization and version. */
  private final Map<String, String> acknowledged = new HashMap<>();

  /** What was found after the last kill, so that each change set is replayed once here. */
  private final Map<Uid, OrgHead> known = new HashMap<>();

  @Test
  void writer_killedFiftyTimes_losesNothingAcknowledgedAndLeavesNothingHalf() throws Exception {
    long seed = System.nanoTime();
    System.out.println("CrashTest seed " + seed);
    Random random = new Random(seed);
    Path scratch = Files.createDirectory(directory.resolve("scratch"));
    Path store = directory.resolve("store");
    ChildProcess writer = ChildProcess.writer(CrashWriter.class, store, scratch);
    try {
      for (int i = 0; i < KILLS; i++) {
        runAndKill(writer, random.nextInt(ACKNOWLEDGED_MAX));
        writer.close();
        writer =
            ChildProcess.writer(
                CrashWriter.class, store, scratch); // It starts while the store is looked at.
        verify(store, i % 10 == 9);
      }
    } finally {
      writer.close();
    }
    assertTrue(acknowledged.size() > KILLS, "too little was acknowledged to prove anything");
  }

  private void runAndKill(ChildProcess writer, int acks) throws IOException {
    int seen = 0;
    writer.begin();
    String line = writer.line();
    assertEquals("open", line);
    while (seen < acks) {
      take(writer.line());
      seen++;
    }
    writer.kill();
    for (line = writer.line(); line != null; line = writer.line()) {
      // The kill may cut the last line; then it was not told.
      if (line.startsWith("ack ") && line.length() - line.lastIndexOf(' ') == 33) {
        take(line);
      }
    }
  }

  private void take(@Nullable String line) {
    if (line == null || !line.startsWith("ack ")) {
      throw new AssertionError("the writer said: " + line);
    }
    int digestAt = line.lastIndexOf(' ');
    acknowledged.put(line.substring(0, digestAt), line.substring(digestAt + 1));
  }

  private void verify(Path store, boolean everything) {
    RocksOptions options = RocksOptions.of(store).withBlockCacheBytes(16 << 20);
    try (RocksReplica replica = RocksReplica.open(options)) {
      for (int i = 0; i < CrashWriter.ORGANIZATIONS; i++) {
        verify(replica, CrashWriter.organization(i));
      }
      if (everything) {
        replica.verify();
      }
    }
  }

  /** Replays the log and compares the head, and every acknowledged digest on the way. */
  private void verify(RocksReplica replica, Uid org) {
    OrgHead head = known.getOrDefault(org, OrgHead.empty(org));
    StoreSnapshot snapshot = replica.snapshot();
    OrgHead stored = snapshot.head(org);
    snapshot.release();
    while (head.version() < stored.version()) {
      LogRecord record = replica.read(org, head.version() + 1).orElseThrow();
      head = Acceptor.advance(head, ChangeSetCodec.decode(record.stored()), record.stored());
      String key = "ack " + org.value() + " " + head.version();
      String told = acknowledged.getOrDefault(key, head.digest().toString());
      assertEquals(told, head.digest().toString(), key);
    }
    assertEquals(stored, head);
    long last =
        acknowledged.keySet().stream()
            .filter(key -> key.startsWith("ack " + org.value() + " "))
            .mapToLong(key -> Long.parseLong(key.substring(key.lastIndexOf(' ') + 1)))
            .max()
            .orElse(0);
    assertTrue(
        last <= head.version(), () -> "acknowledged version " + last + " of " + org + " is lost");
    known.put(org, head);
  }
}
