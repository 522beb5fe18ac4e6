package dev.modelgate.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.bench.Curve.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class CurveTest {
  private static final double EXACT = 1e-9;
  private static final double[] SIZES = {1_000, 10_000, 100_000, 1_000_000, 10_000_000};

  @Test
  void exponent_powerLaw_isItsPowerWhateverTheFactor() {
    assertEquals(0.5, curve(grants -> 3 * Math.sqrt(grants)).exponent(), EXACT);
    assertEquals(-1, curve(grants -> 7e6 / grants).exponent(), EXACT);
    assertEquals(1, curve(grants -> 0.01 * grants).exponent(), EXACT);
    assertEquals(0, curve(grants -> 42).exponent(), EXACT);
  }

  @Test
  void exponent_pointsOffTheLine_isThatOfTheLeastSquares() {
    // In powers of ten: (3, 0), (4, 1), (5, 0); then (3, 0), (4, 0), (5, 3), by hand.
    assertEquals(0, three(1, 10, 1).exponent(), EXACT);
    assertEquals(1.5, three(1, 1, 1_000).exponent(), EXACT);
  }

  @Test
  void exponent_unevenSizes_weighsEachPointByItsDistance() {
    // (0, 0), (1, 1), (3, 1): means 4/3 and 2/3, products 4/3, squares 14/3.
    Curve curve =
        new Curve("p50", "us", List.of(new Point(1, 1), new Point(10, 10), new Point(1_000, 10)));
    assertEquals(2.0 / 7, curve.exponent(), EXACT);
  }

  @Test
  void exponent_onePoint_isNone() {
    Curve curve = new Curve("p50", "us", List.of(new Point(1_000, 20)));
    assertTrue(Double.isNaN(curve.exponent()));
    assertEquals("-", curve.exponentShown());
  }

  @Test
  void exponentShown_hasTwoPlacesAndASignUnlessItIsNothing() {
    assertEquals("+0.50", curve(grants -> 3 * Math.sqrt(grants)).exponentShown());
    assertEquals("-1.00", curve(grants -> 7e6 / grants).exponentShown());
    assertEquals("0.00", curve(grants -> Math.pow(grants, -0.004)).exponentShown());
  }

  @Test
  void points_withoutALogarithmOrOutOfOrder_areRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Point(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new Point(1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Point(1, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Point(1, Double.POSITIVE_INFINITY));
    List<Point> twice = List.of(new Point(10, 1), new Point(10, 2));
    assertThrows(IllegalArgumentException.class, () -> new Curve("p50", "us", twice));
  }

  private static Curve three(double first, double second, double third) {
    return new Curve(
        "p50",
        "us",
        List.of(new Point(1_000, first), new Point(10_000, second), new Point(100_000, third)));
  }

  private static Curve curve(DoubleUnaryOperator value) {
    List<Point> points = new ArrayList<>();
    for (double size : SIZES) {
      points.add(new Point(size, value.applyAsDouble(size)));
    }
    return new Curve("p50", "us", points);
  }
}
