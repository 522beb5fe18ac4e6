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
  void thing_foundToHoldForAPublication_holdsForItAndForNoOtherUnseen() {
    Stamps stamps = new Stamps();
    Derived thing = new Derived(5, ONE) {};
    assertFalse(stamps.hold(thing, 4), "read from a newer publication");
    assertTrue(stamps.hold(thing, 7));
    stamps.raise(17, 8);
    assertTrue(stamps.hold(thing, 7), "what 8 changes is not in 7");
    assertFalse(stamps.hold(thing, 8));
    assertFalse(stamps.hold(thing, 6), "whether 8 came before is not known any more");
  }

  @Test
  void thing_changedBeforeItIsLookedAt_doesNotHold() {
    Stamps stamps = new Stamps();
    Derived thing = new Derived(5, ONE) {};
    stamps.raise(17, 6);
    assertTrue(stamps.hold(thing, 5), "as it was read");
    assertFalse(stamps.hold(thing, 6));
    stamps.raiseAll(9);
    assertFalse(stamps.hold(new Derived(8, new int[0]) {}, 9));
  }

  @Test
  void stripes_areAMillion() {
    assertTrue(Stamps.STRIPES >= 1 << 20);
    new Stamps().raise((1 << 20) - 1, 1);
  }
}
