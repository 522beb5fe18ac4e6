package dev.modelgate.store;

import static dev.modelgate.store.Changes.NONE;
import static dev.modelgate.store.Changes.T0;
import static dev.modelgate.store.Changes.after;
import static dev.modelgate.store.Changes.at;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.member;
import static dev.modelgate.store.Changes.next;
import static dev.modelgate.store.Changes.resource;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.row.PrincipalUidRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Replica} must do with its log, the recent requests, a restart and an export.
 */
public abstract class ReplicaHistoryConformance extends ReplicaFixture {
  // The log and the window.

  @Test
  void read_everyVersion_givesTheStoredBytes() {
    ChangeSet first = next(empty(), grant(1, 2).put());
    OrgHead one = accept(first);
    accept(one);
    assertArrayEquals(ChangeSetCodec.encode(first), replica.read(ACME, 1).orElseThrow().stored());
    assertTrue(replica.read(ACME, 2).isPresent());
    assertTrue(replica.read(ACME, 0).isEmpty());
    assertTrue(replica.read(ACME, 3).isEmpty());
  }

  @Test
  void recent_requestWithAnId_isRememberedPerOrganizationAndActor() {
    RequestId id = new RequestId("r-1");
    ChangeSet changeSet = next(empty(), id, T0, grant(1, 2).put());
    accept(changeSet);
    Recent recent = replica.recent(ACME, Changes.ANA, id).orElseThrow();
    assertEquals(1, recent.version());
    assertEquals(T0, recent.at());
    assertArrayEquals(changeSet.commandDigest(), recent.commandDigest());
    assertTrue(replica.recent(NEXT_TO_ACME, Changes.ANA, id).isEmpty());
    assertTrue(replica.recent(ACME, Actor.SWEEPER, id).isEmpty());
    assertTrue(replica.recent(ACME, Changes.ANA, new RequestId("r-2")).isEmpty());
    assertEquals(0, replica.recentSince(ACME));
  }

  @Test
  void recent_afterADayOfChangeSetTime_isForgottenAndTheWindowMoves() {
    Duration day = Duration.ofHours(Replica.RECENT_HOURS);
    OrgHead one = accept(next(empty(), new RequestId("a"), T0));
    OrgHead two = accept(next(one, new RequestId("b"), T0.plusSeconds(1)));
    OrgHead three = accept(next(two, RequestId.NONE, T0.plus(day)));
    assertTrue(replica.recent(ACME, Changes.ANA, new RequestId("a")).isPresent());
    OrgHead four = accept(next(three, RequestId.NONE, T0.plus(day).plusNanos(1_000)));
    assertTrue(replica.recent(ACME, Changes.ANA, new RequestId("a")).isEmpty());
    assertTrue(replica.recent(ACME, Changes.ANA, new RequestId("b")).isPresent());
    assertEquals(1, replica.recentSince(ACME));
    accept(next(four, RequestId.NONE, T0.plus(day).plusSeconds(2)));
    assertTrue(replica.recent(ACME, Changes.ANA, new RequestId("b")).isEmpty());
    assertEquals(2, replica.recentSince(ACME));
  }

  @Test
  void recent_moreThanTheWindowHolds_theOldestIsForgotten() {
    List<Positioned> batch = new ArrayList<>();
    OrgHead head = empty();
    for (int i = 0; i < RecentWindow.ENTRIES_MAX; i++) {
      ChangeSet changeSet = next(head, new RequestId("r" + i), T0);
      head = after(head, changeSet);
      batch.add(at(i + 1, changeSet));
    }
    replica.apply(batch);
    position = batch.size();
    assertTrue(replica.recent(ACME, Changes.ANA, new RequestId("r0")).isPresent());
    accept(next(head, new RequestId("one-more"), T0));
    assertTrue(replica.recent(ACME, Changes.ANA, new RequestId("r0")).isEmpty());
    assertTrue(replica.recent(ACME, Changes.ANA, new RequestId("r1")).isPresent());
    assertEquals(1, replica.recentSince(ACME));
  }

  @Test
  void recent_sameIdAgainAfterADay_isTheNewerOne() {
    RequestId id = new RequestId("a");
    Duration day = Duration.ofHours(Replica.RECENT_HOURS);
    OrgHead one = accept(next(empty(), id, T0));
    accept(next(one, id, T0.plus(day).plusSeconds(1)));
    assertEquals(2, replica.recent(ACME, Changes.ANA, id).orElseThrow().version());
  }

  // Restart, export, import.

  @Test
  void restart_everything_isThere() {
    OrgHead head =
        accept(next(empty(), new RequestId("a"), T0, grant(1, 2).put(), resource("ü").put()));
    LogIdentity identity = replica.identity();
    replica = restarted(replica);
    assertEquals(head, head(ACME));
    assertEquals(identity, replica.identity());
    assertEquals(new Position(1), snapshot().position());
    assertEquals(1, replica.recent(ACME, Changes.ANA, new RequestId("a")).orElseThrow().version());
    assertEquals(1, keys(ACME, Table.GRANTS_BY_PRINCIPAL, NONE, NONE).size());
    accept(head, grant(1, 2).delete());
    assertEquals(List.of(), keys(ACME, Table.GRANTS, NONE, NONE));
  }

  @Test
  void reopen_withoutAFailure_goesOn() {
    OrgHead head = accept(empty(), grant(1, 2).put());
    replica.reopen();
    assertEquals(head, head(ACME));
    accept(head, grant(1, 3).put());
    assertEquals(2, keys(ACME, Table.GRANTS, NONE, NONE).size());
  }

  @Test
  void import_ofAnExport_hasTheStateUnderANewLineage() {
    OrgHead head =
        accept(
            next(
                empty(),
                new RequestId("a"),
                T0,
                grant(1, 2).put(),
                member(3, 4).put(),
                new PrincipalUidRow(new Uid(1 << 20), PrincipalName.parse("app:a"), 5).put()));
    accept(OrgHead.empty(NEXT_TO_ACME), resource("m").put());
    Replica copy = imported(replica);
    assertNotEquals(replica.identity().lineage(), copy.identity().lineage());
    replica.close();
    replica = copy;
    assertEquals(head, head(ACME));
    assertEquals(1, keys(ACME, Table.GRANTS_BY_PRINCIPAL, NONE, NONE).size());
    assertEquals(1, keys(ACME, Table.GROUPS_OF, NONE, NONE).size());
    assertEquals(1, keys(ACME, Table.DELETED_NAMES, NONE, NONE).size());
    assertEquals(List.of("6d"), keys(NEXT_TO_ACME, Table.RESOURCES, NONE, NONE));
    assertTrue(replica.recent(ACME, Changes.ANA, new RequestId("a")).isEmpty());
    assertEquals(1, replica.recentSince(ACME));
    assertTrue(replica.read(ACME, 1).isEmpty());
    position = 0;
    assertEquals(2, accept(head, grant(1, 2).delete()).version());
    assertTrue(replica.read(ACME, 2).isPresent());
  }
}
