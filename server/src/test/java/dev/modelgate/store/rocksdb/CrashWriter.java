package dev.modelgate.store.rocksdb;

import static dev.modelgate.store.Changes.after;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.member;
import static dev.modelgate.store.Changes.next;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Changes;
import dev.modelgate.store.EmbeddedChangeLog;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Position;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.RequestId;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The victim of {@link CrashTest}: a process that waits for its turn on the store, which is a byte
 * to read, then commits to four organizations at once until it is killed, and prints each
 * acknowledged head. A group that returned without a sync of the log is printed too.
 */
final class CrashWriter {
  static final int ORGANIZATIONS = 4;

  private static final int IN_FLIGHT = 16;

  private CrashWriter() {}

  static Uid organization(int number) {
    return new Uid(0x100000L * (number + 1));
  }

  public static void main(String[] args) throws InterruptedException, IOException {
    NativeLibrary.load();
    if (System.in.read() < 0) {
      return; // The test has ended.
    }
    RocksOptions options = RocksOptions.of(Path.of(args[0])).withBlockCacheBytes(16 << 20);
    RocksReplica replica = RocksReplica.open(options);
    EmbeddedChangeLog log =
        new EmbeddedChangeLog(
            replica.identity(),
            replica.position(),
            batch -> applySynced(replica, batch),
            replica::reopen);
    say("open");
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < ORGANIZATIONS; i++) {
      OrgHead head = StoreRows.head(replica, organization(i));
      Thread writer = new Thread(() -> commitForever(log, head));
      writer.start();
      writers.add(writer);
    }
    for (Thread writer : writers) {
      writer.join();
    }
  }

  private static void applySynced(RocksReplica replica, List<Positioned> batch) {
    long before = replica.statistics().getOrDefault("wal_syncs", 0L);
    replica.apply(batch);
    if (replica.statistics().getOrDefault("wal_syncs", 0L) <= before) {
      say("unsynced");
    }
  }

  private static void commitForever(EmbeddedChangeLog log, OrgHead from) {
    OrgHead head = from;
    Deque<CompletableFuture<Position>> inFlight = new ArrayDeque<>();
    while (true) {
      long n = head.version();
      ChangeSet changeSet =
          next(
              head,
              new RequestId("r" + n),
              Changes.T0.plusSeconds(n),
              grant(n % 97, n % 53).put(),
              grant(n % 31, n % 53).delete(),
              member(n % 11, n % 23).put());
      OrgHead made = after(head, changeSet);
      inFlight.add(
          log.append(LogRecord.of(changeSet))
              .toCompletableFuture()
              .whenComplete((position, e) -> say(e == null ? line(made) : "failed " + e)));
      head = made;
      if (inFlight.size() >= IN_FLIGHT) {
        inFlight.remove().join();
      }
    }
  }

  private static String line(OrgHead head) {
    return "ack " + head.org().value() + " " + head.version() + " " + head.digest();
  }

  private static synchronized void say(String line) {
    PrintStream out = System.out;
    out.println(line);
    out.flush();
  }
}
