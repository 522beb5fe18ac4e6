package dev.modelgate.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.bench.Curve.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrowthCurvesTest {
  private final GrowthCurves curves = new GrowthCurves();

  @Test
  void curves_pointsInAnyOrder_areSortedAndTheLastOfASizeCounts() {
    curves.add("hot, p50", "us", 10_000, 21);
    curves.add("disk per grant", "B", 10_000, 50);
    curves.add("hot, p50", "us", 1_000, 20);
    curves.add("hot, p50", "us", 10_000, 22);
    assertEquals(
        List.of(
            new Curve("hot, p50", "us", List.of(new Point(1_000, 20), new Point(10_000, 22))),
            new Curve("disk per grant", "B", List.of(new Point(10_000, 50)))),
        curves.curves());
  }

  @Test
  void table_hasALineForEachSizeAndTheExponents() {
    curves.add("hot, p50", "us", 1_000, 20);
    curves.add("hot, p50", "us", 10_000_000, 20);
    curves.add("import", "grants/s", 1_000, 1_000);
    curves.add("import", "grants/s", 100_000, 10_000);
    curves.add("start", "s", 1_000, 0.75);
    assertEquals(
        """
        | grants | hot, p50 (us) | import (grants/s) | start (s) |
        |---:|---:|---:|---:|
        | 1k | 20.0 | 1,000 | 0.750 |
        | 100k | | 10,000 | |
        | 10M | 20.0 | | |
        | exponent | 0.00 | +0.50 | - |
        """,
        curves.table());
  }
}
