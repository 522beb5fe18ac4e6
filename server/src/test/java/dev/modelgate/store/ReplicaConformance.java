package dev.modelgate.store;

import static dev.modelgate.store.Changes.NONE;
import static dev.modelgate.store.Changes.after;
import static dev.modelgate.store.Changes.at;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.member;
import static dev.modelgate.store.Changes.next;
import static dev.modelgate.store.Changes.resource;
import static dev.modelgate.store.Changes.suspension;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.NoticeRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link Replica} must do with records, rows and snapshots. */
public abstract class ReplicaConformance extends ReplicaFixture {
  // The acceptance rule.

  @Test
  void apply_changeSetOnTheHead_takesEffectAndAdvancesVersionAndDigest() {
    ChangeSet first = next(empty(), grant(1, 2).put());
    OrgHead head = accept(first);
    assertEquals(after(empty(), first), head);
    assertEquals(head, head(ACME));
    assertArrayEquals(
        grant(1, 2).value(), value(ACME, Table.GRANTS, GrantRow.key(new Uid(1), new Uid(2))));
  }

  @Test
  void apply_copy_isStaleWithoutEffectAndThePositionAdvances() {
    ChangeSet first = next(empty(), grant(1, 2).put());
    OrgHead one = accept(first);
    OrgHead two = accept(one, grant(1, 2).delete());
    ApplyResult.Applied copy = apply(first);
    assertEquals(new ApplyResult.Applied(Acceptance.STALE, two), copy);
    assertNull(value(ACME, Table.GRANTS, grant(1, 2).key()));
    assertEquals(new Position(3), snapshot().position());
  }

  @Test
  void apply_baseAheadOfTheHead_isAGapWithoutEffect() {
    OrgHead one = after(empty(), next(empty(), grant(1, 2).put()));
    ApplyResult.Applied gap = apply(next(one, grant(1, 3).put()));
    assertEquals(new ApplyResult.Applied(Acceptance.GAP, empty()), gap);
    assertEquals(List.of(), keys(ACME, Table.GRANTS, NONE, NONE));
    assertEquals(Position.START, snapshot().position());
  }

  @Test
  void apply_sameVersionOtherDigest_isDivergedWithoutEffect() {
    OrgHead one = accept(empty(), grant(1, 2).put());
    OrgHead other = new OrgHead(ACME, 1, new Digest(1, 2), one.at());
    assertEquals(Acceptance.DIVERGED, apply(next(other, grant(1, 3).put())).acceptance());
    assertEquals(one, head(ACME));
  }

  @Test
  void apply_bytesOfAnUnknownFormat_areUndecodable() {
    byte[] stored = LogRecord.of(next(empty(), grant(1, 2).put())).stored();
    stored[0] = 9;
    assertEquals(
        new ApplyResult.Applied(Acceptance.UNDECODABLE, empty()),
        apply(new LogRecord(ACME, stored)));
  }

  @Test
  void apply_rowThatItsTableCannotRead_isUndecodableAsAWhole() {
    Mutation bad = new Mutation.Put(Table.GRANTS, grant(1, 2).key(), new byte[] {1, 1, 0});
    assertEquals(Acceptance.UNDECODABLE, apply(next(empty(), grant(5, 6).put(), bad)).acceptance());
    assertEquals(List.of(), keys(ACME, Table.GRANTS, NONE, NONE));
  }

  @Test
  void apply_rowOfTheLog_isInTheChangeSetAndNotInTheState() {
    NoticeRow notice = new NoticeRow(new Uid(1), new Uid(2), List.of(0));
    accept(empty(), grant(1, 2).put(), notice.put());
    assertEquals(List.of(), keys(ACME, Table.NOTICES, NONE, NONE));
    assertNull(value(ACME, Table.NOTICES, notice.key()));
    ChangeSet logged = ChangeSetCodec.decode(replica.read(ACME, 1).orElseThrow().stored());
    assertEquals(Table.NOTICES, logged.mutations().get(1).table());
    assertArrayEquals(notice.key(), logged.mutations().get(1).key());
  }

  @Test
  void apply_deletionOfARowOfTheLog_isUndecodable() {
    NoticeRow notice = new NoticeRow(new Uid(1), new Uid(2), List.of(0));
    assertEquals(Acceptance.UNDECODABLE, apply(next(empty(), notice.delete())).acceptance());
  }

  @Test
  void apply_rowUnderTheKeyOfAnother_isUndecodable() {
    Mutation bad = new Mutation.Put(Table.RESOURCES, ResourceRow.key("b"), resource("a").value());
    assertEquals(Acceptance.UNDECODABLE, apply(next(empty(), bad)).acceptance());
  }

  @Test
  void apply_deleteOfAMalformedPair_isUndecodable() {
    Mutation bad = new Mutation.Delete(Table.MEMBERS, new byte[] {1, 2, 3});
    assertEquals(Acceptance.UNDECODABLE, apply(next(empty(), bad)).acceptance());
  }

  @Test
  void apply_recordOfAnotherOrganizationThanItsBytes_isUndecodable() {
    byte[] stored = LogRecord.of(next(empty())).stored();
    assertEquals(Acceptance.UNDECODABLE, apply(new LogRecord(NEXT_TO_ACME, stored)).acceptance());
  }

  @Test
  void apply_batchOfSeveralOrganizations_decidesInOrder() {
    ChangeSet a1 = next(empty(), grant(1, 2).put());
    ChangeSet a2 = next(after(empty(), a1), grant(1, 2).delete(), grant(1, 3).put());
    ChangeSet b1 = next(OrgHead.empty(NEXT_TO_ACME), grant(9, 9).put());
    List<Acceptance> said =
        replica.apply(List.of(at(1, a1), at(2, b1), at(3, a2), at(4, a1))).outcomes().stream()
            .map(ApplyResult.Applied::acceptance)
            .toList();
    assertEquals(
        List.of(Acceptance.ACCEPTED, Acceptance.ACCEPTED, Acceptance.ACCEPTED, Acceptance.STALE),
        said);
    assertEquals(1, keys(ACME, Table.GRANTS, NONE, NONE).size());
    assertEquals(2, head(ACME).version());
    assertEquals(1, head(NEXT_TO_ACME).version());
    assertEquals(new Position(4), snapshot().position());
  }

  @Test
  void apply_noMutations_stillMakesAVersion() {
    assertEquals(1, accept(empty()).version());
  }

  @Test
  void apply_positionThatDoesNotAscend_isRefused() {
    accept(empty());
    Positioned again = at(1, next(head(ACME)));
    assertThrows(IllegalArgumentException.class, () -> replica.apply(List.of(again)));
  }

  // Rows.

  @Test
  void apply_grantAndMember_fillTheirIndexes() {
    OrgHead head = accept(empty(), grant(1, 2).put(), member(3, 4).put());
    assertEquals(
        List.of("00000000000000020000000000000001"),
        keys(ACME, Table.GRANTS_BY_PRINCIPAL, NONE, NONE));
    assertEquals(
        List.of("00000000000000040000000000000003"), keys(ACME, Table.GROUPS_OF, NONE, NONE));
    accept(head, grant(1, 2).delete(), member(3, 4).delete());
    assertEquals(List.of(), keys(ACME, Table.GRANTS_BY_PRINCIPAL, NONE, NONE));
    assertEquals(List.of(), keys(ACME, Table.GROUPS_OF, NONE, NONE));
  }

  @Test
  void apply_deletedPrincipal_fillsTheIndexOfDeletedNamesForEver() {
    PrincipalName name = PrincipalName.parse("user:ü@acme.com");
    OrgHead head = accept(empty(), new PrincipalUidRow(new Uid(1 << 20), name, 0).put());
    assertEquals(List.of(), keys(ACME, Table.DELETED_NAMES, NONE, NONE));
    head = accept(head, new PrincipalUidRow(new Uid(1 << 20), name, 5).put());
    List<String> names = List.of(HexFormat.of().formatHex(PrincipalRow.key(name)));
    assertEquals(names, keys(ACME, Table.DELETED_NAMES, NONE, NONE));
    accept(head, new PrincipalUidRow(new Uid(2 << 20), name, 0).put());
    assertEquals(names, keys(ACME, Table.DELETED_NAMES, NONE, NONE));
  }

  @Test
  void apply_putAndDeleteOfOneRow_theLastCounts() {
    OrgHead head = accept(empty(), grant(1, 2).put(), grant(1, 2).delete());
    assertNull(value(ACME, Table.GRANTS, grant(1, 2).key()));
    accept(head, grant(1, 2).delete(), grant(1, 2).put());
    assertArrayEquals(grant(1, 2).value(), value(ACME, Table.GRANTS, grant(1, 2).key()));
  }

  @Test
  void scan_prefixEndingInFf_staysInsideIt() {
    accept(
        empty(),
        grant(0x00ff, 1).put(),
        grant(0x00ff, 0x7fffffffffffffffL).put(),
        grant(0x0100, 0).put(),
        grant(0x00fe, 0x7fffffffffffffffL).put());
    assertEquals(
        List.of("00000000000000ff0000000000000001", "00000000000000ff7fffffffffffffff"),
        keys(ACME, Table.GRANTS, GrantRow.prefix(new Uid(0xff)), NONE));
  }

  @Test
  void scan_from_isInclusiveAndGoesOnBehindAKeyWithAZeroByte() {
    accept(empty(), grant(1, 1).put(), grant(1, 2).put(), grant(1, 3).put());
    byte[] prefix = GrantRow.prefix(new Uid(1));
    byte[] second = grant(1, 2).key();
    assertEquals(2, keys(ACME, Table.GRANTS, prefix, second).size());
    byte[] behind = Arrays.copyOf(second, second.length + 1);
    assertEquals(1, keys(ACME, Table.GRANTS, prefix, behind).size());
    assertEquals(3, keys(ACME, Table.GRANTS, prefix, NONE).size());
    assertEquals(0, keys(ACME, Table.GRANTS, prefix, grant(2, 0).key()).size());
    assertEquals(3, keys(ACME, Table.GRANTS, NONE, grant(0, 5).key()).size());
  }

  @Test
  void scan_neighbouringOrganizationsAndTables_areNotSeen() {
    accept(empty(), suspension(1).put(), resource("m").put());
    accept(OrgHead.empty(NEXT_TO_ACME), suspension(2).put(), grant(1, 2).put());
    accept(OrgHead.empty(new Uid(ACME.value() - 1)), suspension(3).put());
    assertEquals(1, keys(ACME, Table.SUSPENSIONS, NONE, NONE).size());
    assertEquals(List.of(), keys(ACME, Table.ORPHANS, NONE, NONE));
    assertEquals(List.of(), keys(ACME, Table.GRANTS, NONE, NONE));
    assertEquals(List.of("6d"), keys(ACME, Table.RESOURCES, NONE, NONE));
  }

  @Test
  void scan_unicodePaths_comeInByteOrder() {
    accept(
        empty(),
        resource("models/ü").put(),
        resource("models/z").put(),
        resource("models/\ud83d\ude80").put(),
        resource("models/\uffee").put(),
        resource("").put());
    assertEquals(
        List.of(
            "",
            "6d6f64656c732f7a",
            "6d6f64656c732fc3bc",
            "6d6f64656c732fefbfae",
            "6d6f64656c732ff09f9a80"),
        keys(ACME, Table.RESOURCES, NONE, NONE));
  }

  @Test
  void get_absentRowOrOrganization_isNull() {
    assertNull(value(ACME, Table.RESOURCES, ResourceRow.key("x")));
    assertEquals(empty(), head(ACME));
  }

  // Snapshots.

  @Test
  void snapshot_laterChanges_areNotSeen() {
    OrgHead one = accept(empty(), grant(1, 1).put());
    StoreSnapshot old = snapshot();
    RowCursor open = old.view(ACME).scan(Table.GRANTS, NONE, NONE);
    OrgHead two = accept(one, grant(1, 1).delete(), grant(1, 2).put());
    assertEquals(one, old.head(ACME));
    assertEquals(one, old.view(ACME).head());
    assertArrayEquals(grant(1, 1).value(), old.view(ACME).get(Table.GRANTS, grant(1, 1).key()));
    assertTrue(open.next());
    assertArrayEquals(grant(1, 1).key(), open.key());
    assertFalse(open.next());
    open.close();
    assertEquals(new Position(1), old.position());
    assertEquals(two, head(ACME));
    old.release();
  }

  @Test
  void snapshot_lastShareReleased_isNotReadAgain() {
    OrgHead one = accept(empty(), grant(1, 1).put());
    StoreSnapshot old = snapshot();
    assertTrue(old.tryRetain());
    old.release();
    OrgView view = old.view(ACME);
    assertEquals(one, view.head());
    old.release();
    accept(one);
    assertFalse(old.tryRetain());
    assertThrows(StoreException.class, () -> view.get(Table.GRANTS, grant(1, 1).key()));
    assertThrows(StoreException.class, () -> view.scan(Table.GRANTS, NONE, NONE));
  }
}
