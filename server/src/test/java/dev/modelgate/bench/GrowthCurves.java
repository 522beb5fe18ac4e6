package dev.modelgate.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The curves of the growth, filled point by point; in the order in which each had its first. */
final class GrowthCurves {
  private final Map<Name, TreeMap<Double, Double>> values = new LinkedHashMap<>();

  private record Name(String name, String unit) {}

  /** Adds a point; another one for the same number of grants replaces it. */
  void add(String name, String unit, long grants, double value) {
    values
        .computeIfAbsent(new Name(name, unit), key -> new TreeMap<>())
        .put((double) grants, value);
  }

  /** The curves so far. */
  List<Curve> curves() {
    List<Curve> curves = new ArrayList<>();
    values.forEach(
        (name, points) ->
            curves.add(
                new Curve(
                    name.name(),
                    name.unit(),
                    points.entrySet().stream()
                        .map(point -> new Curve.Point(point.getKey(), point.getValue()))
                        .toList())));
    return curves;
  }

  /**
   * A table in Markdown: a line for each number of grants, a column for each curve, the exponents
   * below. A figure that was not measured is empty.
   */
  String table() {
    StringBuilder table = new StringBuilder("| grants |");
    StringBuilder exponents = new StringBuilder("| exponent |");
    TreeSet<Double> sizes = new TreeSet<>();
    List<Curve> curves = curves();
    for (Curve curve : curves) {
      table.append(" %s (%s) |".formatted(curve.name(), curve.unit()));
      exponents.append(" %s |".formatted(curve.exponentShown()));
      curve.points().forEach(point -> sizes.add(point.grants()));
    }
    table.append("\n|---:|").append("---:|".repeat(curves.size())).append('\n');
    for (double size : sizes) {
      table.append("| %s |".formatted(GrowthChart.brief(size)));
      for (TreeMap<Double, Double> points : values.values()) {
        Double value = points.get(size);
        table.append(value == null ? " |" : " %s |".formatted(Report.number(value)));
      }
      table.append('\n');
    }
    return table.append(exponents).append('\n').toString();
  }
}
