package dev.modelgate.store;

import static dev.modelgate.store.Changes.next;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.model.Uid;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** One replica and short ways to write to and read from it. */
public abstract class ReplicaFixture {
  protected static final Uid ACME = new Uid(0x100001);
  protected static final Uid NEXT_TO_ACME = new Uid(0x100002);

  protected Replica replica;
  protected long position;

  /** An empty replica. */
  protected abstract Replica open();

  /** What comes back when the replica is closed and opened, or as near to that as it has. */
  protected abstract Replica restarted(Replica old);

  /** A new replica that holds what the other exports. */
  protected abstract Replica imported(Replica source);

  @BeforeEach
  void openReplica() {
    replica = open();
  }

  @AfterEach
  void closeReplica() {
    replica.close();
  }

  /** Applies one change set and expects it to be accepted. */
  protected final OrgHead accept(OrgHead head, Mutation... mutations) {
    return accept(next(head, mutations));
  }

  protected final OrgHead accept(ChangeSet changeSet) {
    ApplyResult.Applied applied = apply(changeSet);
    assertEquals(Acceptance.ACCEPTED, applied.acceptance());
    return applied.head();
  }

  protected final ApplyResult.Applied apply(ChangeSet changeSet) {
    return apply(LogRecord.of(changeSet));
  }

  protected final ApplyResult.Applied apply(LogRecord record) {
    position++;
    return replica.apply(List.of(new Positioned(new Position(position), record))).outcomes().get(0);
  }

  protected final OrgHead empty() {
    return OrgHead.empty(ACME);
  }

  protected final StoreSnapshot snapshot() {
    return replica.snapshot();
  }

  protected final byte @Nullable [] value(Uid org, Table table, byte[] key) {
    StoreSnapshot snapshot = snapshot();
    try {
      return snapshot.view(org).get(table, key);
    } finally {
      snapshot.release();
    }
  }

  protected final List<String> keys(Uid org, Table table, byte[] prefix, byte[] from) {
    StoreSnapshot snapshot = snapshot();
    try (RowCursor rows = snapshot.view(org).scan(table, prefix, from)) {
      List<String> keys = new ArrayList<>();
      while (rows.next()) {
        keys.add(HexFormat.of().formatHex(rows.key()));
      }
      return keys;
    } finally {
      snapshot.release();
    }
  }

  protected final OrgHead head(Uid org) {
    StoreSnapshot snapshot = snapshot();
    try {
      return snapshot.head(org);
    } finally {
      snapshot.release();
    }
  }
}
