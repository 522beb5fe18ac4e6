package dev.modelgate.store.rocksdb;

import static dev.modelgate.store.Changes.NONE;
import static dev.modelgate.store.Changes.after;
import static dev.modelgate.store.Changes.at;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.member;
import static dev.modelgate.store.Changes.next;
import static dev.modelgate.store.Changes.resource;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.NotAtOnceException;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.MemberRow;
import dev.modelgate.store.row.ResourceRow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads that may not wait say what those that may would say, or nothing (hazards 4 and 11). */
final class RocksAtOnceTest {
  private static final Uid ACME = new Uid(0x100001);
  private static final int OPENINGS = 6;
  private static final int ROWS_PER_OPENING = 300;
  private static final int ROWS = OPENINGS * ROWS_PER_OPENING;

  @TempDir private Path directory;

  private int answered;
  private int unanswered;

  /** So few open files that most tables are closed, and the smallest cache. */
  private RocksReplica open() {
    return RocksReplica.open(
        new RocksOptions(directory, 8 << 20, 1 << 20, 16, Duration.ofSeconds(10), false, 1 << 20));
  }

  /** Each opening leaves files of its own behind. */
  private void fill() {
    OrgHead head = OrgHead.empty(ACME);
    for (int opening = 0; opening < OPENINGS; opening++) {
      try (RocksReplica replica = open()) {
        List<Mutation> rows = new ArrayList<>();
        for (int i = 0; i < ROWS_PER_OPENING; i++) {
          int n = i * OPENINGS + opening;
          rows.add(grant(2L * n, 7).put());
          rows.add(grant(9, 2L * n).put());
          rows.add(resource("models/m" + 2 * n).put());
          rows.add(member(2L * n, 11).put());
        }
        ChangeSet changes = next(head, rows.toArray(new Mutation[0]));
        replica.apply(List.of(at(opening + 1, changes)));
        head = after(head, changes);
      }
    }
  }

  @Test
  void reads_ofAStoreThatIsNotInMemory_sayNothingOrTheTruth() {
    fill();
    try (RocksReplica replica = open()) {
      StoreSnapshot snapshot = replica.snapshot();
      OrgView rows = snapshot.view(ACME);
      OrgView atOnce = snapshot.viewAtOnce(ACME);
      for (int n = 0; n < 2 * ROWS; n += 7) {
        compare(rows, atOnce, Table.GRANTS, GrantRow.key(new Uid(n), new Uid(7)));
        compare(rows, atOnce, Table.RESOURCES, ResourceRow.key("models/m" + n));
        compare(rows, atOnce, Table.GROUPS_OF, MemberRow.key(new Uid(11), new Uid(n)));
        compare(rows, atOnce, Table.MEMBERS, MemberRow.key(new Uid(n), new Uid(11)));
      }
      snapshot.release();
    }
    System.out.println("reads at once: " + answered + " answered, " + unanswered + " not");
    assertTrue(answered > 100 && unanswered > 10, answered + " and " + unanswered);
  }

  /** At once first, so that the other read has not brought in what it needs. */
  private void compare(OrgView rows, OrgView atOnce, Table table, byte[] key) {
    Optional<Optional<String>> first = read(atOnce, table, key);
    byte @Nullable [] value = rows.get(table, key);
    Optional<String> truth = Optional.ofNullable(value).map(HexFormat.of()::formatHex);
    first.ifPresent(said -> assertEquals(truth, said, table + " at once"));
    read(atOnce, table, key).ifPresent(said -> assertEquals(truth, said, table + " in memory"));
  }

  /** What is said of a row; empty when nothing is. */
  private Optional<Optional<String>> read(OrgView atOnce, Table table, byte[] key) {
    try {
      Optional<String> said =
          Optional.ofNullable(atOnce.get(table, key)).map(HexFormat.of()::formatHex);
      answered++;
      return Optional.of(said);
    } catch (NotAtOnceException e) {
      unanswered++;
      return Optional.empty();
    }
  }

  @Test
  void walks_ofAStoreThatIsNotInMemory_endInNothingOrAreWhole() {
    fill();
    try (RocksReplica replica = open()) {
      StoreSnapshot snapshot = replica.snapshot();
      OrgView rows = snapshot.view(ACME);
      OrgView atOnce = snapshot.viewAtOnce(ACME);
      List<byte[]> prefixes = new ArrayList<>(List.of(GrantRow.prefix(new Uid(9))));
      for (int n = 0; n < 2 * ROWS; n += 37) {
        prefixes.add(GrantRow.prefix(new Uid(n)));
      }
      for (byte[] prefix : prefixes) {
        Optional<List<String>> first = walk(atOnce, prefix);
        List<String> truth = keys(rows, prefix);
        first.ifPresent(said -> assertEquals(truth, said));
        walk(atOnce, prefix).ifPresent(said -> assertEquals(truth, said));
      }
      snapshot.release();
    }
    System.out.println("walks at once: " + answered + " whole, " + unanswered + " not");
    assertTrue(answered > 10 && unanswered > 0, answered + " and " + unanswered);
  }

  private Optional<List<String>> walk(OrgView atOnce, byte[] prefix) {
    try {
      List<String> keys = keys(atOnce, prefix);
      answered++;
      return Optional.of(keys);
    } catch (NotAtOnceException e) {
      unanswered++;
      return Optional.empty();
    }
  }

  private static List<String> keys(OrgView rows, byte[] prefix) {
    List<String> keys = new ArrayList<>();
    try (RowCursor cursor = rows.scan(Table.GRANTS, prefix, NONE)) {
      while (cursor.next()) {
        keys.add(HexFormat.of().formatHex(cursor.key()));
      }
    }
    return keys;
  }

  /** What was written since the last flush is in memory, and what was taken away is absent. */
  @Test
  void reads_ofWhatIsNotFlushed_areAnswered() {
    try (RocksReplica replica = open()) {
      GrantRow row = grant(1, 7);
      ChangeSet put = next(OrgHead.empty(ACME), row.put());
      replica.apply(List.of(at(1, put)));
      StoreSnapshot before = replica.snapshot();
      replica.apply(List.of(at(2, next(after(OrgHead.empty(ACME), put), grantless(row)))));
      StoreSnapshot behind = replica.snapshot();
      byte[] key = GrantRow.key(new Uid(1), new Uid(7));
      assertArrayEquals(
          before.view(ACME).get(Table.GRANTS, key), before.viewAtOnce(ACME).get(Table.GRANTS, key));
      assertEquals(
          Optional.empty(), Optional.ofNullable(behind.viewAtOnce(ACME).get(Table.GRANTS, key)));
      before.release();
      behind.release();
    }
  }

  /** RocksDB calls a row found and empty when the file that may have it is not open. */
  @Test
  void emptyRow_isNotBelieved() {
    try (RocksReplica replica = open()) {
      replica.apply(List.of(at(1, next(OrgHead.empty(ACME), member(5, 11).put()))));
      StoreSnapshot snapshot = replica.snapshot();
      byte[] key = MemberRow.key(new Uid(11), new Uid(5));
      assertArrayEquals(NONE, snapshot.view(ACME).get(Table.GROUPS_OF, key));
      assertThrows(
          NotAtOnceException.class, () -> snapshot.viewAtOnce(ACME).get(Table.GROUPS_OF, key));
      snapshot.release();
    }
  }

  private static Mutation grantless(GrantRow row) {
    return new Mutation.Delete(Table.GRANTS, GrantRow.key(row.resource(), row.principal()));
  }
}
