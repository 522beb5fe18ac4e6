package dev.modelgate.app.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.query.ShortestCover.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The cover of an explanation against all subsets. */
final class ShortestCoverTest {

  @Test
  void cover_always_isAsCheapAsAnySubset() {
    int found = 0;
    for (long seed = 1; seed <= 2_000; seed++) {
      Random random = new Random(seed);
      long needed = (1L + random.nextInt(63)) << random.nextInt(3) * 20;
      List<Part<Integer>> parts = new ArrayList<>();
      for (int i = random.nextInt(9); i > 0; i--) {
        long mask = (long) random.nextInt(64) << random.nextInt(3) * 20 | random.nextInt(64);
        parts.add(new Part<>(mask, random.nextInt(8), parts.size()));
      }
      List<Integer> chosen = ShortestCover.of(needed, parts);
      int cheapest = Integer.MAX_VALUE;
      for (int subset = 1; subset < 1 << parts.size(); subset++) {
        int picked = subset;
        List<Integer> some =
            parts.stream().map(Part::what).filter(i -> (picked >> i & 1) == 1).toList();
        cheapest = covers(needed, parts, some) ? Math.min(cheapest, cost(parts, some)) : cheapest;
      }
      String about = "seed " + seed + ": " + parts + " for " + needed + " gives " + chosen;
      assertEquals(cheapest < Integer.MAX_VALUE, !chosen.isEmpty(), about);
      if (!chosen.isEmpty()) {
        found++;
        assertTrue(covers(needed, parts, chosen), about);
        assertEquals(cheapest, cost(parts, chosen), about);
      }
    }
    assertTrue(found > 300, "few covers: " + found);
  }

  @Test
  void cover_ofVeryMany_isOneOrEachByItself() {
    long many = (1L << 20) - 1;
    Part<String> left = new Part<>(many >> 10, 1, "left");
    Part<String> right = new Part<>(many & ~(many >> 10), 1, "right");
    assertEquals(List.of("left", "right"), ShortestCover.of(many, List.of(left, right)));
    Part<String> all = new Part<>(many, 9, "all");
    assertEquals(List.of("all"), ShortestCover.of(many, List.of(left, right, all)));
    assertEquals(List.of(), ShortestCover.of(many, List.of(left)));
  }

  private static boolean covers(long needed, List<Part<Integer>> parts, List<Integer> chosen) {
    long mask = 0;
    for (int i : chosen) {
      mask |= parts.get(i).mask();
    }
    return (mask & needed) == needed;
  }

  private static int cost(List<Part<Integer>> parts, List<Integer> chosen) {
    return chosen.stream().mapToInt(i -> 1_000 + parts.get(i).length()).sum();
  }
}
