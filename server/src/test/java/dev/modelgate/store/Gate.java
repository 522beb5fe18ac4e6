package dev.modelgate.store;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Stops the committer thread inside a delivery. */
public final class Gate {
  private volatile CountDownLatch open = new CountDownLatch(0);
  private volatile CountDownLatch arrived = new CountDownLatch(1);

  public void hold() {
    arrived = new CountDownLatch(1);
    open = new CountDownLatch(1);
  }

  public void open() {
    open.countDown();
  }

  public void pass() {
    arrived.countDown();
    try {
      assertTrue(open.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public void awaitArrival() {
    try {
      assertTrue(arrived.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
