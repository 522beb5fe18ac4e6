package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.state.LiveState;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Position;
import dev.modelgate.store.Replica;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.Rows;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a start reads: organizations, and nothing that grows with what is in them. */
final class StartTest {
  private static final String FRAUD = Bed.DEFAULT_PARENT + "/models/fraud";

  @Test
  void start_withTwentyTimesTheGrants_readsTheSameNumberOfRows() {
    long few = rowsReadAtStart(50);
    long many = rowsReadAtStart(1_000);
    assertTrue(few > 0, "nothing was counted");
    assertEquals(few, many);
  }

  private static long rowsReadAtStart(int grants) {
    Replica replica = new MemoryReplica(Rows::check);
    try (Bed bed = new Bed(replica, new Stamps(), Clock.systemUTC(), 0)) {
      refuseNothing(bed.commit("system", new Command.RegisterOrganization("acme")));
      refuseNothing(
          bed.commit(
              "acme",
              new Command.InitializeOrganization("acme", "", "modelgate", Optional.empty())));
      List<Command.ImportItem> items = new ArrayList<>();
      for (String name : List.of(Bed.DEFAULT_PARENT, FRAUD)) {
        items.add(new Command.ImportResource(ResourceName.parse(name), "", Map.of()));
      }
      for (int i = 0; i < grants - 2; i++) {
        items.add(grant("user:u" + i + "@acme.com"));
      }
      refuseNothing(bed.commit("acme", new Command.ImportItems(items, 0)));
    }
    Counting counting = new Counting(replica);
    new LiveState(counting, new Stamps()).close();
    return counting.rows.get();
  }

  private static void refuseNothing(Optional<?> refusal) {
    assertTrue(refusal.isEmpty(), () -> String.valueOf(refusal));
  }

  private static Command.ImportItem grant(String principal) {
    return new Command.ImportGrant(
        ResourceName.parse(FRAUD),
        new Command.GrantChange(
            Command.GrantChange.Mode.MERGE,
            PrincipalName.parse(principal),
            "user",
            List.of(),
            false,
            false,
            0,
            Micros.NEVER,
            ""));
  }

  /** Counts the rows that are read of any organization. */
  private static final class Counting extends ForwardingReplica {
    private final AtomicLong rows = new AtomicLong();

    Counting(Replica inner) {
      super(inner);
    }

    @Override
    public StoreSnapshot snapshot() {
      return new Snapshot(super.snapshot());
    }

    private final class Snapshot implements StoreSnapshot {
      private final StoreSnapshot inner;

      Snapshot(StoreSnapshot inner) {
        this.inner = inner;
      }

      @Override
      public boolean tryRetain() {
        return inner.tryRetain();
      }

      @Override
      public void release() {
        inner.release();
      }

      @Override
      public Position position() {
        return inner.position();
      }

      @Override
      public OrgHead head(Uid org) {
        rows.incrementAndGet();
        return inner.head(org);
      }

      @Override
      public OrgView view(Uid org) {
        return new View(inner.view(org));
      }

      @Override
      public OrgView viewAtOnce(Uid org) {
        return new View(inner.viewAtOnce(org));
      }
    }

    private final class View implements OrgView {
      private final OrgView inner;

      View(OrgView inner) {
        this.inner = inner;
      }

      @Override
      public OrgHead head() {
        rows.incrementAndGet();
        return inner.head();
      }

      @Override
      public byte @Nullable [] get(Table table, byte[] key) {
        rows.incrementAndGet();
        return inner.get(table, key);
      }

      @Override
      public RowCursor scan(Table table, byte[] prefix, byte[] from) {
        RowCursor cursor = inner.scan(table, prefix, from);
        return new RowCursor() {
          @Override
          public boolean next() {
            rows.incrementAndGet();
            return cursor.next();
          }

          @Override
          public byte[] key() {
            return cursor.key();
          }

          @Override
          public byte[] value() {
            return cursor.value();
          }

          @Override
          public void close() {
            cursor.close();
          }
        };
      }
    }
  }
}
