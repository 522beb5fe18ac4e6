package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long work may wait, by a clock that the test moves. */
final class WaitBoundTest {
  private static final long MS = 1_000_000;

  @Test
  void burst_mayWaitUpToItsBound() {
    WaitBound bound = new WaitBound(0);
    assertFalse(bound.isTooLate(0, WaitBound.BURST_MS * MS));
    assertTrue(bound.isTooLate(0, WaitBound.BURST_MS * MS + 1));
  }

  @Test
  void overload_boundsTheWaitByTheTimeOfTheWork() {
    WaitBound bound = new WaitBound(0);
    for (int i = 0; i < 200; i++) {
      bound.took(200 * MS);
    }
    long now = (WaitBound.BURST_MS + 1) * MS;
    assertFalse(bound.isTooLate(now - 199 * MS, now));
    assertTrue(bound.isTooLate(now - 201 * MS, now));
    bound.empty(now);
    assertFalse(bound.isTooLate(now - 201 * MS, now), "the queue was empty: no overload");
  }

  @Test
  void overload_ofQuickWork_keepsTheLeastBound() {
    WaitBound bound = new WaitBound(0);
    bound.took(10);
    long now = (WaitBound.BURST_MS + 1) * MS;
    assertFalse(bound.isTooLate(now - WaitBound.OVERLOAD_MS_MIN * MS, now));
    assertTrue(bound.isTooLate(now - WaitBound.OVERLOAD_MS_MIN * MS - 1, now));
  }

  /** One worker, work of 200 ms, three arrivals in that time: a simulation, exact each time. */
  @Test
  void threeTimesCapacity_acceptedStayWithinThreeTimesTheirTime() {
    long work = 200 * MS;
    WaitBound bound = new WaitBound(0);
    Deque<Long> waiting = new ArrayDeque<>();
    List<Long> took = new ArrayList<>();
    long now = 0;
    long nextArrival = 0;
    int shed = 0;
    while (now < 400_000 * MS) {
      while (nextArrival <= now) {
        waiting.add(nextArrival);
        nextArrival += work / 3;
      }
      Long since = waiting.poll();
      if (since == null) {
        bound.empty(now);
        now = nextArrival;
      } else if (bound.isTooLate(since, now)) {
        shed++;
      } else {
        bound.took(work);
        now += work;
        if (now > 100_000 * MS) {
          took.add(now - since);
        }
      }
    }
    Collections.sort(took);
    long p99 = took.get(took.size() * 99 / 100);
    assertTrue(p99 <= 3 * work, "p99 " + p99 / MS + " ms");
    assertTrue(took.size() > 1_400, "the worker is never idle: " + took.size());
    assertTrue(shed > 2_000, "two of three: " + shed);
    assertEquals(1_500, took.size(), 10);
  }
}
