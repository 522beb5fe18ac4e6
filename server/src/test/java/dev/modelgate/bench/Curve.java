package dev.modelgate.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * How one figure grows: its values by the number of grants, both above 0, so that each has a
 * logarithm.
 *
 * @param name what it is, in a few words
 * @param unit of the values
 * @param points by rising number of grants, no number twice
 */
record Curve(String name, String unit, List<Point> points) {
  /**
   * A value that was measured.
   *
   * @param grants how many grants there were
   */
  record Point(double grants, double value) {
    Point {
      if (!isPositive(grants) || !isPositive(value)) {
        throw new IllegalArgumentException(
            "point: %s grants, %s (expected: both above 0)".formatted(grants, value));
      }
    }

    private static boolean isPositive(double number) {
      return number > 0 && number < Double.POSITIVE_INFINITY;
    }
  }

  Curve {
    points = List.copyOf(points);
    for (int i = 1; i < points.size(); i++) {
      if (points.get(i - 1).grants() >= points.get(i).grants()) {
        throw new IllegalArgumentException("points out of order: " + points);
      }
    }
  }

  /**
   * The exponent e of the power law {@code value = c * grants^e} that is nearest to the points: the
   * slope of the least squares of both logarithms. 0 is a figure that does not grow, 1 one that
   * grows as the grants do. {@link Double#NaN} with fewer than two points, which have no slope.
   */
  double exponent() {
    if (points.size() < 2) {
      return Double.NaN;
    }
    double x = mean(points.stream().mapToDouble(point -> Math.log(point.grants())));
    double y = mean(points.stream().mapToDouble(point -> Math.log(point.value())));
    double products = 0;
    double squares = 0;
    for (Point point : points) {
      double distance = Math.log(point.grants()) - x;
      products += distance * (Math.log(point.value()) - y);
      squares += distance * distance;
    }
    return products / squares;
  }

  /** The exponent with its sign, or a dash where there is none. */
  String exponentShown() {
    double exponent = exponent();
    // What rounds to nothing has no sign.
    return Double.isNaN(exponent)
        ? "-"
        : Math.abs(exponent) < 0.005 ? "0.00" : String.format(Locale.ROOT, "%+.2f", exponent);
  }

  private static double mean(DoubleStream values) {
    return values.average().orElseThrow();
  }
}
