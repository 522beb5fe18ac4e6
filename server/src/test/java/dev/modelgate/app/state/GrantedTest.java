package dev.modelgate.app.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.OrgRows;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is known of the grants of an account without reading them. */
final class GrantedTest {
  private static final Uid ORG = Uid.of(1, 0, false);
  private static final Uid ACCOUNT = Uid.of(2, 0, false);
  private static final int OTHERS = 20_000;

  /** Resources that were made one by one, and such that were made together. */
  private static List<Uid> resources(int from, int count, boolean together) {
    return IntStream.range(from, from + count)
        .mapToObj(i -> together ? Uid.of(7, i, false) : Uid.of(7 + i, 0, false))
        .toList();
  }

  private static OrgRows index(List<Uid> resources) {
    return new OrgRows(new Index(resources));
  }

  /** Asked about until it is walked, and once more where that was not enough. */
  private static Granted walked(List<Uid> resources) {
    Granted first = Granted.unknown().walked(index(resources), ORG, ACCOUNT, 5);
    return first.isKnown() ? first : first.walked(index(resources), ORG, ACCOUNT, 5);
  }

  @Test
  void resource_withAGrant_isNeverRuledOut() {
    for (int count = 0; count <= Granted.WALK_MAX; count++) {
      for (boolean together : new boolean[] {false, true}) {
        Granted granted = walked(resources(0, count, together));
        assertTrue(granted.isKnown(), count + " grants");
        resources(0, count, together).forEach(uid -> assertTrue(granted.mayBeOn(uid)));
      }
    }
  }

  @Test
  void resource_withoutAGrant_isRuledOutButForOneInFifty() {
    for (int count : new int[] {0, 1, 6, 7, 51, 102, 103, Granted.WALK_MAX}) {
      for (boolean together : new boolean[] {false, true}) {
        Granted granted = walked(resources(0, count, together));
        long maybes = resources(count, OTHERS, together).stream().filter(granted::mayBeOn).count();
        assertTrue(maybes <= OTHERS / 50 * 1.3, maybes + " with " + count + " grants");
      }
    }
  }

  @Test
  void account_withMoreGrantsThanAreWalked_isLeftAlone() {
    Granted granted = walked(resources(0, Granted.WALK_MAX + 1, false));
    assertFalse(granted.isKnown());
    assertTrue(granted.mayBeOn(Uid.of(9_999, 0, false)));
    for (int i = 0; i < 1_000; i++) {
      assertFalse(granted.isWalkDue());
    }
  }

  @Test
  void walk_isDueOnceTheAccountWasAskedAboutOften() {
    Granted unknown = Granted.unknown();
    for (int i = 0; i < Granted.ASKED_BEFORE_FIRST; i++) {
      assertFalse(unknown.isWalkDue());
    }
    assertTrue(unknown.isWalkDue());
    Granted more =
        unknown.walked(index(resources(0, Granted.WALK_AT_FIRST + 1, false)), ORG, ACCOUNT, 5);
    assertFalse(more.isKnown());
    for (int i = 0; i < Granted.ASKED_BEFORE_WALK; i++) {
      assertFalse(more.isWalkDue());
    }
    assertTrue(more.isWalkDue());
  }

  @Test
  void knowledge_standsOnTheGrantsOfTheAccountAlone() {
    Granted granted = walked(resources(0, 3, false));
    assertEquals(5, granted.sequence());
    assertEquals(List.of(Stripes.granted(ORG, ACCOUNT)), List.of(granted.stripes()[0]));
    assertEquals(1, granted.stripes().length);
  }

  @Test
  void walk_thatFails_leavesNothing() {
    OrgRows damaged =
        new OrgRows(
            new Index(List.of()) {
              @Override
              public RowCursor scan(Table table, byte[] prefix, byte[] from) {
                throw new CorruptionException("a bit has flipped");
              }
            });
    assertThrows(
        CorruptionException.class, () -> Granted.unknown().walked(damaged, ORG, ACCOUNT, 5));
  }

  /** The rows of the index for one account. */
  private static class Index implements OrgView {
    private final List<Uid> resources;

    Index(List<Uid> resources) {
      this.resources = resources;
    }

    @Override
    public OrgHead head() {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public RowCursor scan(Table table, byte[] prefix, byte[] from) {
      assertEquals(Table.GRANTS_BY_PRINCIPAL, table);
      return new RowCursor() {
        private int at = -1;

        @Override
        public boolean next() {
          return ++at < resources.size();
        }

        @Override
        public byte[] key() {
          return new ByteWriter(16)
              .fixed64(ACCOUNT.value())
              .fixed64(resources.get(at).value())
              .toBytes();
        }

        @Override
        public byte[] value() {
          return new byte[0];
        }

        @Override
        public void close() {}
      };
    }
  }
}
