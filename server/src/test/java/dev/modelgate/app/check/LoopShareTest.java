package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What an asking thread may spend on misses. */
final class LoopShareTest {
  private static final long MISS_MICROS = 10;

  private final AtomicLong nanos = new AtomicLong(1_000_000_000);
  private final LoopShare share = new LoopShare(nanos::get);

  /** A miss of that outcome; false when it was not tried. */
  private boolean miss(boolean answered) {
    if (!share.begin()) {
      return false;
    }
    pass(MISS_MICROS);
    share.end(answered);
    return true;
  }

  private void pass(long micros) {
    nanos.addAndGet(TimeUnit.MICROSECONDS.toNanos(micros));
  }

  /** Hazard 11: hits of others wait for half a window at most. */
  @Test
  void storm_ofMisses_leavesHalfOfTheTime() {
    int done = 0;
    for (int i = 0; i < 1_000; i++) {
      done += miss(true) ? 1 : 0;
    }
    assertEquals(LoopShare.WINDOW_MICROS / 2 / MISS_MICROS, done);
    assertFalse(miss(true));
    pass(LoopShare.WINDOW_MICROS / 2);
    assertTrue(miss(true), "the next window has come");
  }

  @Test
  void missesBetweenOtherWork_areAllDone() {
    for (int i = 0; i < 1_000; i++) {
      assertTrue(miss(true));
      pass(MISS_MICROS + 1);
    }
  }

  @Test
  void missesThatMemoryDoesNotAnswer_areTriedSeldomUntilItDoes() {
    int tried = 0;
    for (int i = 0; i < 160; i++) {
      tried += miss(false) ? 1 : 0;
      pass(LoopShare.WINDOW_MICROS);
    }
    assertTrue(tried <= LoopShare.DOUBT + 160 / LoopShare.TRIED_ONE_IN, tried + " were tried");
    assertTrue(tried > LoopShare.DOUBT, "none was tried again");
    int untried = 0;
    for (int i = 0; i < 1_000; i++) {
      untried += miss(true) ? 0 : 1;
      pass(LoopShare.WINDOW_MICROS);
    }
    assertTrue(untried < 2 * LoopShare.DOUBT * LoopShare.TRIED_ONE_IN, untried + " were not");
    assertTrue(miss(true));
  }

  @Test
  void threads_haveSharesOfTheirOwn() throws InterruptedException {
    while (miss(true)) {
      // Until nothing is left.
    }
    boolean[] begun = new boolean[1];
    Thread other = new Thread(() -> begun[0] = share.begin());
    other.start();
    other.join();
    assertTrue(begun[0]);
  }
}
