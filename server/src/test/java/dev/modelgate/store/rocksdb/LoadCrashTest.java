package dev.modelgate.store.rocksdb;

import static dev.modelgate.store.Changes.after;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.store.OrgHead;
import dev.modelgate.store.StoreSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed at any moment of a load leaves all of the organization or nothing of it
 * (hazard 25), and what was acknowledged is there.
 */
final class LoadCrashTest {
  private static final int KILLS = 16;

  /** About three loads. */
  private static final int LINES_MAX = 3 * (LoadWriter.VERSIONS + 3);

  @TempDir private Path directory;

  private final Set<String> acknowledged = new HashSet<>();
  private int cutOff;

  @Test
  void loader_killedAtAnyMoment_leavesAllOfAnOrganizationOrNothing() throws Exception {
    long seed = System.nanoTime();
    System.out.println("LoadCrashTest seed " + seed);
    Random random = new Random(seed);
    Path scratch = Files.createDirectory(directory.resolve("scratch"));
    Path store = directory.resolve("store");
    OrgHead whole = whole();
    ChildProcess writer = ChildProcess.writer(LoadWriter.class, store, scratch);
    try {
      for (int i = 0; i < KILLS; i++) {
        runAndKill(writer, random.nextInt(LINES_MAX));
        writer.close();
        cutOff += Files.exists(store.resolve(LoadFiles.DIRECTORY)) ? 1 : 0;
        writer = ChildProcess.writer(LoadWriter.class, store, scratch); // It waits for its turn.
        verify(store, whole);
      }
    } finally {
      writer.close();
    }
    assertTrue(acknowledged.size() > 1, "too little was acknowledged to prove anything");
    assertTrue(cutOff > KILLS / 4, "too few loads were cut off to prove anything");
  }

  /** Where every organization ends, but for its uid. */
  private static OrgHead whole() {
    OrgHead head = OrgHead.empty(LoadWriter.organization(0));
    while (head.version() < LoadWriter.VERSIONS) {
      head = after(head, LoadWriter.changeSet(head));
    }
    return head;
  }

  private void runAndKill(ChildProcess writer, int lines) throws IOException {
    writer.begin();
    assertEquals("open", writer.line());
    for (int i = 0; i < lines; i++) {
      take(writer.line());
    }
    writer.kill();
    for (String line = writer.line(); line != null; line = writer.line()) {
      if (line.matches("ack \\d+")) {
        take(line);
      }
    }
  }

  private void take(@Nullable String line) {
    if (line == null || !line.matches("(added|sealed|ack|closed) \\d+")) {
      throw new AssertionError("the writer said: " + line);
    }
    if (line.startsWith("ack ")) {
      acknowledged.add(line);
    }
  }

  private void verify(Path store, OrgHead whole) throws IOException {
    int with = 0;
    try (RocksReplica replica = RocksReplica.open(LoadWriter.options(store))) {
      StoreSnapshot snapshot = replica.snapshot();
      while (snapshot.head(LoadWriter.organization(with)).version() > 0) {
        OrgHead head = snapshot.head(LoadWriter.organization(with));
        assertEquals(whole.version(), head.version());
        assertEquals(whole.at(), head.at());
        with++;
      }
      snapshot.release();
      replica.verify(); // Each digest, and each row against the log.
    }
    for (String ack : acknowledged) {
      assertTrue(Integer.parseInt(ack.substring(4)) < with, () -> ack + " is lost");
    }
    // The one that was being loaded.
    StoreRows.assertNothingOf(LoadWriter.organization(with), LoadWriter.options(store));
  }
}
