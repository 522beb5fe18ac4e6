package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.Telemetry;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What the pool takes when it is busy. */
final class MissPoolTest {

  /** Hazard 9: a recheck is left out before it takes the place of a question. */
  @Test
  void pool_halfFull_takesQuestionsAndNoRechecks() {
    CountDownLatch release = new CountDownLatch(1);
    try (MissPool pool = new MissPool(1, 4, new Telemetry() {})) {
      Runnable waits =
          () -> {
            try {
              release.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          };
      assertTrue(pool.submit(waits));
      while (pool.waiting() > 0) {
        Thread.onSpinWait();
      }
      for (int i = 0; i < 3; i++) {
        assertTrue(pool.submit(waits));
      }
      assertFalse(pool.offer(waits));
      assertTrue(pool.submit(waits));
      assertFalse(pool.submit(waits));
      release.countDown();
    }
  }
}
