package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What the latency of the questions of a batch is measured with. */
final class StopwatchTest {
  @Test
  void laps_followEachOtherWithoutAGap() {
    long before = System.nanoTime();
    Stopwatch stopwatch = new Stopwatch();
    long began = stopwatch.began();
    long sum = 0;
    for (int i = 0; i < 100; i++) {
      long lap = stopwatch.lap();
      assertTrue(lap >= 0);
      sum += lap;
    }
    assertTrue(before - began <= 0, "begins when it is made");
    assertEquals(sum, stopwatch.began() - began, "no time between two laps");
    assertTrue(System.nanoTime() - stopwatch.began() >= 0);
  }
}
