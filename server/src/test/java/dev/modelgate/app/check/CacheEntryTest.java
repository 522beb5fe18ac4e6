package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Bounds;
import org.junit.jupiter.api.Test;

/** When an entry answers (hazards 1 to 3 and 6). */
final class CacheEntryTest {
  private static final long FROM = 100;
  private static final long UNTIL = 200;
  private static final long READ_AT = 7;

  private final Stamps stamps = new Stamps();
  private final CacheEntry entry =
      new CacheEntry(new Access("", 1, Bounds.NONE, FROM, UNTIL), READ_AT, new int[] {3, 5});

  @Test
  void entry_fromItsBeginToBeforeItsEnd_isGood() {
    assertTrue(entry.isGood(stamps, READ_AT, FROM));
    assertTrue(entry.isGood(stamps, READ_AT, UNTIL - 1));
    assertFalse(entry.isGood(stamps, READ_AT, FROM - 1), "a grant that is pending then");
    assertFalse(entry.isGood(stamps, READ_AT, UNTIL), "a grant that has ended then");
  }

  @Test
  void entry_ofANewerPublicationThanTheOneAskedAbout_isNotGood() {
    assertTrue(entry.isGood(stamps, READ_AT + 1, FROM));
    assertFalse(entry.isGood(stamps, READ_AT - 1, FROM));
  }

  @Test
  void entry_oneOfWhoseStampsIsAboveIt_isNotGood() {
    stamps.raise(5, READ_AT);
    assertTrue(entry.isGood(stamps, READ_AT, FROM));
    stamps.raise(5, READ_AT + 1);
    assertFalse(entry.isGood(stamps, READ_AT + 1, FROM));
  }
}
