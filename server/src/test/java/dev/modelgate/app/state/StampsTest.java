package dev.modelgate.app.state;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Hazards 2 and 5: stamps only ever grow, and there are enough of them. */
final class StampsTest {
  private static final int[] ONE = {17};

  @Test
  void stamp_raisedForAnOlderPublication_keepsTheNewer() {
    Stamps stamps = new Stamps();
    stamps.raise(17, 9);
    stamps.raise(17, 4);
    assertFalse(stamps.unchangedSince(ONE, 8));
    assertTrue(stamps.unchangedSince(ONE, 9));
  }

  @Test
  void everything_raisedForAnOlderPublication_keepsTheNewer() {
    Stamps stamps = new Stamps();
    stamps.raiseAll(9);
    stamps.raiseAll(4);
    assertFalse(stamps.unchangedSince(ONE, 8));
    assertTrue(stamps.unchangedSince(ONE, 9));
  }

  @Test
  void stripes_areAMillion() {
    assertTrue(Stamps.STRIPES >= 1 << 20);
    new Stamps().raise((1 << 20) - 1, 1);
  }
}
