package dev.modelgate.store.rocksdb;

import static dev.modelgate.store.Changes.after;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.member;
import static dev.modelgate.store.Changes.next;

import dev.modelgate.model.Uid;
import dev.modelgate.store.BulkLoad;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Changes;
import dev.modelgate.store.EmbeddedChangeLog;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.RequestId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The victim of {@link LoadCrashTest}: a process that waits for its turn on the store, then loads
 * one organization after the other until it is killed, those first that have no head yet, and
 * prints what it has done. Every fourth load is let go at its end, and done again.
 */
final class LoadWriter {
  static final int ORGANIZATIONS = 10_000;
  static final int VERSIONS = 30;

  private static final int ROWS = 20;

  private LoadWriter() {}

  static Uid organization(int number) {
    return new Uid(0x100000L * (number + 1));
  }

  /** So little that each third change set makes files. */
  static RocksOptions options(Path store) {
    return RocksOptions.of(store).withBlockCacheBytes(16 << 20).withLoadBytes(20_000);
  }

  /** The next change set of an organization; the same in each process. */
  static ChangeSet changeSet(OrgHead head) {
    long n = head.version();
    List<Mutation> mutations = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      mutations.add(grant((n * 7 + i) % 97, i).put());
      mutations.add(member((n + i) % 11, n % 23).put());
    }
    mutations.add(grant(n % 31, n % 17).delete());
    return next(
        head,
        new RequestId("r" + n),
        Changes.T0.plusSeconds(n),
        mutations.toArray(new Mutation[0]));
  }

  public static void main(String[] args) throws IOException {
    NativeLibrary.load();
    if (System.in.read() < 0) {
      return; // The test has ended.
    }
    RocksReplica replica = RocksReplica.open(options(Path.of(args[0])));
    EmbeddedChangeLog log =
        new EmbeddedChangeLog(
            replica.identity(), replica.position(), replica::apply, replica::reopen);
    say("open");
    for (int i = 0; i < ORGANIZATIONS; i++) {
      if (StoreRows.head(replica, organization(i)).version() == 0) {
        if (i % 4 == 3) {
          load(replica, log, i, false);
        }
        load(replica, log, i, true);
      }
    }
  }

  private static void load(RocksReplica replica, EmbeddedChangeLog log, int number, boolean whole) {
    OrgHead head = OrgHead.empty(organization(number));
    try (BulkLoad load = replica.load(head.org()).orElseThrow()) {
      for (int i = 0; i < VERSIONS; i++) {
        ChangeSet changeSet = changeSet(head);
        load.add(changeSet, LogRecord.of(changeSet));
        head = after(head, changeSet);
        say("added " + number);
      }
      LogRecord last = load.seal();
      say("sealed " + number);
      if (whole) {
        log.append(last).toCompletableFuture().join();
        say("ack " + number);
      }
    }
    say("closed " + number);
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
