package dev.modelgate.store.rocksdb;

import static dev.modelgate.store.Changes.after;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.next;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import dev.modelgate.store.BulkLoad;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Changes;
import dev.modelgate.store.EmbeddedChangeLog;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.NotAppendedException;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OutcomeUnknownException;
import dev.modelgate.store.Position;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.ProfileRow;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A full disk costs no acknowledged change and no reading (hazard 21). Runs on a small tmpfs of its
 * own, for which the tests need the right to mount.
 */
final class DiskFullTest {
  private static final Uid ACME = new Uid(0x100001);
  private static final Uid LOADED = new Uid(0x200001);

  @TempDir private Path directory;

  private Path disk;
  private Path filler;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    filler = disk.resolve("filler");
    run("mount", "-t", "tmpfs", "-o", "size=64m", "modelgate-test", disk.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", "-l", disk.toString());
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
  }

  private void fill() throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertTrue(String.valueOf(e.getMessage()).contains("No space"), e.getMessage());
    }
  }

  private static ChangeSet big(OrgHead head) {
    Mutation document = new ProfileRow(head.version() + 1, "x", 1, "x".repeat(300_000)).put();
    return next(head, document, grant(1, head.version()).put());
  }

  @Test
  void commits_onAFullDisk_areUnknownAndGoOnWithinSecondsOfSpaceBeingBack() throws Exception {
    RocksReplica replica =
        RocksReplica.open(RocksOptions.of(disk.resolve("store")).withBlockCacheBytes(16 << 20));
    try (EmbeddedChangeLog log =
        new EmbeddedChangeLog(
            replica.identity(), Position.START, replica::apply, replica::reopen)) {
      OrgHead head = OrgHead.empty(ACME);
      head = append(log, next(head, grant(7, 7).put()));
      fill();
      Throwable cause = null;
      do {
        try {
          head = append(log, big(head));
        } catch (CompletionException e) {
          cause = e.getCause();
        }
      } while (cause == null);
      assertInstanceOf(OutcomeUnknownException.class, cause);
      assertReadsGoOn(replica, head);
      assertThrows(StoreException.class, replica::reopen);
      assertReadsGoOn(replica, head);
      ChangeSet refused = big(head);
      CompletionException e = assertThrows(CompletionException.class, () -> append(log, refused));
      assertInstanceOf(NotAppendedException.class, e.getCause());

      Files.delete(filler);
      long freed = System.nanoTime();
      while (log.isFenced() && System.nanoTime() - freed < TimeUnit.SECONDS.toNanos(5)) {
        Thread.onSpinWait();
      }
      OrgHead found = head(replica);
      assertTrue(found.version() >= head.version(), "an acknowledged change set is lost");
      append(log, big(found));
      assertTrue(System.nanoTime() - freed < TimeUnit.SECONDS.toNanos(5));
      replica.verify();
    } finally {
      replica.close();
    }
  }

  /** A load that fills the disk gives it back, and the others go on. */
  @Test
  void load_thatFillsTheDisk_leavesNothingAndCommitsGoOn() throws Exception {
    RocksOptions options = RocksOptions.of(disk.resolve("store")).withBlockCacheBytes(16 << 20);
    RocksReplica replica = RocksReplica.open(options.withLoadBytes(1 << 20));
    try (EmbeddedChangeLog log =
        new EmbeddedChangeLog(
            replica.identity(), Position.START, replica::apply, replica::reopen)) {
      OrgHead head = append(log, next(OrgHead.empty(ACME), grant(7, 7).put()));
      long before = disk.toFile().getUsableSpace();
      BulkLoad load = replica.load(LOADED).orElseThrow();
      assertThrows(StoreException.class, () -> fill(load));
      load.close();
      long left = System.nanoTime();
      while (head.version() < 2 && System.nanoTime() - left < TimeUnit.SECONDS.toNanos(5)) {
        try {
          head = append(log, next(head, grant(7, 8).put()));
        } catch (CompletionException e) {
          Thread.sleep(10); // The store is being opened again.
          head = head(replica);
        }
      }
      assertEquals(2, head.version());
      long enough = before - (8 << 20);
      while (disk.toFile().getUsableSpace() < enough
          && System.nanoTime() - left < TimeUnit.SECONDS.toNanos(20)) {
        Thread.sleep(10); // RocksDB deletes files in the background.
      }
      assertTrue(disk.toFile().getUsableSpace() >= enough, "the disk is still full");
      replica.load(LOADED).orElseThrow().close();
      replica.verify();
    } finally {
      replica.close();
    }
  }

  /** Adds what cannot be compressed for ever. */
  private static void fill(BulkLoad load) {
    SplittableRandom random = new SplittableRandom(1);
    while (true) {
      byte[] text = new byte[200_000];
      random.nextBytes(text);
      OrgHead at = load.view().head();
      String document = HexFormat.of().formatHex(text);
      ChangeSet changeSet =
          next(at, new ProfileRow(at.version() + 1, "x", 1, document).put(), grant(1, 1).put());
      load.add(changeSet, LogRecord.of(changeSet));
    }
  }

  private static void assertReadsGoOn(RocksReplica replica, OrgHead head) {
    StoreSnapshot snapshot = replica.snapshot();
    try {
      assertEquals(head, snapshot.head(ACME));
      assertArrayEquals(
          grant(7, 7).value(), snapshot.view(ACME).get(Table.GRANTS, grant(7, 7).key()));
      try (var rows = snapshot.view(ACME).scan(Table.GRANTS, Changes.NONE, Changes.NONE)) {
        assertTrue(rows.next());
      }
    } finally {
      snapshot.release();
    }
  }

  private static OrgHead head(RocksReplica replica) {
    StoreSnapshot snapshot = replica.snapshot();
    try {
      return snapshot.head(ACME);
    } finally {
      snapshot.release();
    }
  }

  private static OrgHead append(EmbeddedChangeLog log, ChangeSet changeSet) {
    log.append(LogRecord.of(changeSet))
        .toCompletableFuture()
        .orTimeout(20, TimeUnit.SECONDS)
        .join();
    return after(headBefore(changeSet), changeSet);
  }

  private static OrgHead headBefore(ChangeSet changeSet) {
    return new OrgHead(ACME, changeSet.baseVersion(), changeSet.baseDigest(), changeSet.at());
  }
}
