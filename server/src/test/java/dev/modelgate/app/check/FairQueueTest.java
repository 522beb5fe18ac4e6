package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Turns and places. */
final class FairQueueTest {
  @Test
  void callers_takeTurnsWhateverTheirNumber() {
    FairQueue<String, String> queue = new FairQueue<>(100);
    for (int i = 0; i < 5; i++) {
      queue.add("storm", "s" + i);
    }
    queue.add("ana", "a0");
    queue.add("ben", "b0");
    queue.add("ana", "a1");
    assertEquals(List.of("s0", "a0", "b0", "s1", "a1", "s2", "s3", "s4"), drained(queue));
    assertEquals(0, queue.size());
  }

  @Test
  void full_dropsTheLastOfTheLongestLine() {
    FairQueue<String, String> queue = new FairQueue<>(4);
    for (int i = 0; i < 4; i++) {
      assertEquals(Optional.empty(), queue.add("storm", "s" + i));
    }
    assertEquals(Optional.of("s4"), queue.add("storm", "s4"));
    assertEquals(Optional.of("s3"), queue.add("ana", "a0"));
    assertEquals(Optional.of("s2"), queue.add("ana", "a1"));
    // Both lines are of one length now.
    assertEquals(Optional.of("a2"), queue.add("ana", "a2"));
    assertEquals(Optional.of("s1"), queue.add("ben", "b0"));
    assertEquals(List.of("s0", "a0", "b0", "a1"), drained(queue));
  }

  @Test
  void full_ofCallersWithOneEach_refusesTheNewest() {
    FairQueue<Integer, Integer> queue = new FairQueue<>(3);
    for (int caller = 0; caller < 3; caller++) {
      assertEquals(Optional.empty(), queue.add(caller, caller));
    }
    assertEquals(Optional.of(9), queue.add(9, 9));
  }

  /** What went in comes out or is dropped, once, and in the order of its caller. */
  @Test
  void random_nothingIsLostTwiceOrOutOfOrder() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    FairQueue<Integer, Integer> queue = new FairQueue<>(16);
    Map<Integer, Integer> lastOfCaller = new HashMap<>();
    int in = 0;
    int out = 0;
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(5) < 3) {
        int caller = random.nextInt(random.nextBoolean() ? 2 : 30);
        out += queue.add(caller, i * 32 + caller).isPresent() ? 1 : 0;
        in++;
      } else {
        Optional<Integer> next = queue.poll();
        assertEquals(next.isEmpty(), in == out, "seed " + seed);
        if (next.isPresent()) {
          out++;
          int caller = next.get() % 32;
          int before = lastOfCaller.getOrDefault(caller, -1);
          assertTrue(before < next.get(), "seed " + seed);
          lastOfCaller.put(caller, next.get());
        }
      }
      assertEquals(in - out, queue.size(), "seed " + seed);
      assertTrue(queue.size() <= 16, "seed " + seed);
    }
  }

  private static List<String> drained(FairQueue<String, String> queue) {
    List<String> all = new ArrayList<>();
    for (Optional<String> next = queue.poll(); next.isPresent(); next = queue.poll()) {
      all.add(next.get());
    }
    return all;
  }
}
