package dev.modelgate.app.commit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Changes;
import dev.modelgate.store.NoRows;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.GrantRow;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Grants that are read ahead are those that are there. */
final class GrantsAheadTest {
  /** Resource 1 has none, 2 a few, 3 as many as are read ahead, 4 one more. */
  private static final int[] SIZES = {0, 0, 5, 1_024, 1_025};

  private final Overlay rows = new Overlay(new NoRows(new Uid(1 << 20)));
  private final Walked view = new Walked(rows);
  private final GrantsAhead ahead = new GrantsAhead(view);

  GrantsAheadTest() {
    for (int resource = 1; resource < SIZES.length; resource++) {
      for (int i = 0; i < SIZES[resource]; i++) {
        rows.put(Changes.grant(resource, 2L * i).put());
      }
    }
  }

  @Test
  void grant_ofAnyResourceInAnyOrder_isTheOneOfTheView() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int run = 0; run < 400; run++) {
      int resource = random.nextInt(1, SIZES.length);
      for (int i = random.nextInt(8); i >= 0; i--) {
        byte[] key = key(resource, random.nextInt(2 * SIZES[resource] + 2));
        assertArrayEquals(rows.get(Table.GRANTS, key), ahead.get(key), () -> "seed " + seed);
      }
    }
  }

  @Test
  void grantsInARowOfOneResource_areWalkedOnce() {
    for (int resource = 1; resource < SIZES.length; resource++) {
      for (int i = 0; i < 100; i++) {
        ahead.get(key(resource, i));
      }
      assertEquals(resource, view.walks, "walks of " + resource + " resources");
    }
  }

  @Test
  void grantsOfOneResourceEach_areNotWalked() {
    for (int i = 0; i < 100; i++) {
      ahead.get(key(i % 4, i));
    }
    assertEquals(0, view.walks);
  }

  private static byte[] key(int resource, int principal) {
    return GrantRow.key(new Uid(resource), new Uid(principal));
  }

  private static final class Walked implements OrgView {
    private final OrgView view;
    int walks;

    Walked(OrgView view) {
      this.view = view;
    }

    @Override
    public OrgHead head() {
      return view.head();
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      return view.get(table, key);
    }

    @Override
    public RowCursor scan(Table table, byte[] prefix, byte[] from) {
      walks++;
      return view.scan(table, prefix, from);
    }
  }
}
