package dev.modelgate.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws curves as one SVG, a panel each, both axes logarithmic. A value axis spans a factor of ten
 * at least, so that noise does not look like growth. The ink follows the reader's light or dark
 * scheme; there is no background.
 *
 * <pre>
 *   name            exponent
 *   10 |         o
 *      |   o--o-'
 *    1 |--------------
 *       1k 10k 100k 1M    grants
 * </pre>
 */
final class GrowthChart {
  private static final int COLUMNS = 4;
  private static final int PANEL_WIDTH = 240;
  private static final int PANEL_HEIGHT = 190;
  private static final int LEFT = 52;
  private static final int RIGHT = 14;
  private static final int TOP = 38;
  private static final int BOTTOM = 40;
  private static final double SPAN_MIN = 10;

  private static final String STYLE =
      """
      <style>
        text { font: 11px system-ui, sans-serif; fill: #57606a; }
        .name { font-size: 12px; font-weight: 600; fill: #1f2328; }
        .grid { stroke: #d0d7de; stroke-width: 1; }
        .curve { fill: none; stroke: #0969da; stroke-width: 2; }
        .point { fill: #0969da; }
        @media (prefers-color-scheme: dark) {
          text { fill: #9198a1; }
          .name { fill: #f0f6fc; }
          .grid { stroke: #3d444d; }
          .curve { stroke: #58a6ff; }
          .point { fill: #58a6ff; }
        }
      </style>
      """;

  private final StringBuilder svg = new StringBuilder();

  private GrowthChart() {}

  /**
   * The chart of these curves.
   *
   * @throws IllegalArgumentException for a curve without a point
   */
  static String svg(List<Curve> curves) {
    GrowthChart chart = new GrowthChart();
    int rows = (curves.size() + COLUMNS - 1) / COLUMNS;
    int width = Math.min(COLUMNS, curves.size()) * PANEL_WIDTH;
    int height = rows * PANEL_HEIGHT;
    chart.add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " viewBox=\"0 0 %d %d\" role=\"img\">%n",
        width, height, width, height);
    chart.add("<title>Growth by the number of grants</title>%n%s", STYLE);
    for (int i = 0; i < curves.size(); i++) {
      chart.panel(curves.get(i), i % COLUMNS * PANEL_WIDTH, i / COLUMNS * PANEL_HEIGHT);
    }
    return chart.svg.append("</svg>\n").toString();
  }

  /** A number of three digits or so in short: 0.02, 1k, 10k, 2.5M. */
  static String brief(double number) {
    if (number >= 1e9) {
      return plain(number / 1e9) + "G";
    }
    if (number >= 1e6) {
      return plain(number / 1e6) + "M";
    }
    return number >= 1e3 ? plain(number / 1e3) + "k" : plain(number);
  }

  /** An axis from pixel to pixel, and the values at its ends, each above 0. */
  record Axis(double from, double to, double fromPixel, double toPixel) {
    /** Where a value lies. */
    double at(double value) {
      return fromPixel + (toPixel - fromPixel) * Math.log(value / from) / Math.log(to / from);
    }

    /**
     * Around these values, its ends on 1, 2 or 5 times a power of ten, and a factor of ten between
     * them at least.
     */
    static Axis around(double least, double most, double fromPixel, double toPixel) {
      double from = step(least, false);
      double to = step(Math.max(most, from * SPAN_MIN), true);
      return new Axis(from, to, fromPixel, toPixel);
    }

    /** Ticks at the powers of ten, or where those are fewer than two at 2 and 5 times them too. */
    List<Double> ticks() {
      List<Double> tens = ticks(new int[] {1});
      return tens.size() < 2 ? ticks(new int[] {1, 2, 5}) : tens;
    }

    private List<Double> ticks(int[] multiples) {
      List<Double> ticks = new ArrayList<>();
      double ten = Math.pow(10, Math.floor(Math.log10(from)));
      for (double decade = ten; decade <= to * 1.000_001; decade *= 10) {
        for (int multiple : multiples) {
          double tick = decade * multiple;
          if (tick >= from * 0.999_999 && tick <= to * 1.000_001) {
            ticks.add(tick);
          }
        }
      }
      return ticks;
    }

    /** The next of 1, 2 and 5 times a power of ten, at or above a value, or at or below it. */
    private static double step(double value, boolean up) {
      double ten = Math.pow(10, Math.floor(Math.log10(value)));
      double[] steps = {ten, 2 * ten, 5 * ten, 10 * ten};
      double found = up ? steps[3] : steps[0];
      for (int i = 0; i < steps.length; i++) {
        double step = steps[up ? steps.length - 1 - i : i];
        if (up ? step >= value * 0.999_999 : step <= value * 1.000_001) {
          found = step;
        }
      }
      return found;
    }
  }

  private void panel(Curve curve, int left, int top) {
    List<Curve.Point> points = curve.points();
    if (points.isEmpty()) {
      throw new IllegalArgumentException("a curve without a point: " + curve.name());
    }
    double right = PANEL_WIDTH - RIGHT;
    double bottom = PANEL_HEIGHT - BOTTOM;
    Axis grants =
        Axis.around(
            points.get(0).grants(), points.get(points.size() - 1).grants(), LEFT + 8, right - 8);
    double least = points.stream().mapToDouble(Curve.Point::value).min().orElseThrow();
    double most = points.stream().mapToDouble(Curve.Point::value).max().orElseThrow();
    Axis values = Axis.around(least, most, bottom, TOP);
    add("<g class=\"panel\" transform=\"translate(%d,%d)\">%n", left, top);
    text("name", LEFT, 14, "start", curve.name());
    text("unit", LEFT, 29, "start", curve.unit());
    text("exponent", right, 29, "end", "exponent " + curve.exponentShown());
    for (double tick : values.ticks()) {
      double y = values.at(tick);
      line(LEFT, y, right, y);
      text("value", LEFT - 6, y + 4, "end", brief(tick));
    }
    for (double tick : grants.ticks()) {
      double x = grants.at(tick);
      line(x, bottom, x, bottom + 4);
      text("grants", x, bottom + 17, "middle", brief(tick));
    }
    text("axis", (LEFT + right) / 2, bottom + 32, "middle", "grants");
    curve(curve, grants, values);
    add("</g>%n");
  }

  private void curve(Curve curve, Axis grants, Axis values) {
    add("<polyline class=\"curve\" points=\"");
    for (Curve.Point point : curve.points()) {
      add("%.1f,%.1f ", grants.at(point.grants()), values.at(point.value()));
    }
    add("\"/>%n");
    for (Curve.Point point : curve.points()) {
      add(
          "<circle class=\"point\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s</title></circle>%n",
          grants.at(point.grants()),
          values.at(point.value()),
          escaped(
              "%s grants: %s %s"
                  .formatted(brief(point.grants()), Report.number(point.value()), curve.unit())));
    }
  }

  private void line(double x1, double y1, double x2, double y2) {
    add("<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n", x1, y1, x2, y2);
  }

  private void text(String style, double x, double y, String anchor, String text) {
    add(
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
        style, x, y, anchor, escaped(text));
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format.replace("%n", "\n"), values));
  }

  private static String plain(double value) {
    String shown = String.format(Locale.ROOT, "%.3f", value);
    return shown.contains(".") ? shown.replaceAll("\\.?0+$", "") : shown;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
