package dev.modelgate.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.bench.Curve.Point;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class GrowthChartTest {
  /** Of the drawing, which has one decimal. */
  private static final double PIXEL = 0.11;

  private static final Curve ROOT =
      new Curve(
          "root",
          "us",
          List.of(new Point(1_000, 10), new Point(10_000, 31.62278), new Point(100_000, 100)));

  private static final Curve FLAT =
      new Curve(
          "a < b & c",
          "B",
          List.of(new Point(1_000, 50), new Point(10_000, 51), new Point(1_000_000, 50)));

  @Test
  void svg_eachCurve_isAPanelWithItsNameUnitsAndExponent() throws Exception {
    List<Element> panels = panels(List.of(ROOT, FLAT));
    assertEquals(2, panels.size());
    assertEquals(List.of("root"), texts(panels.get(0), "name"));
    assertEquals(List.of("us"), texts(panels.get(0), "unit"));
    assertEquals(List.of("grants"), texts(panels.get(0), "axis"));
    assertEquals(List.of("exponent +0.50"), texts(panels.get(0), "exponent"));
    assertEquals(List.of("1k", "10k", "100k"), texts(panels.get(0), "grants"));
    assertEquals(List.of("10", "100"), texts(panels.get(0), "value"));
    assertEquals(List.of("a < b & c"), texts(panels.get(1), "name"));
    assertEquals(List.of("exponent 0.00"), texts(panels.get(1), "exponent"));
  }

  @Test
  void svg_points_lieWhereTheirLogarithmsSay() throws Exception {
    Element panel = panels(List.of(ROOT)).get(0);
    List<Element> points = elements(panel, "circle");
    assertEquals(3, points.size());
    double width = number(points.get(1), "cx") - number(points.get(0), "cx");
    assertTrue(width > 20, () -> "a decade of " + width + " pixels");
    assertEquals(width, number(points.get(2), "cx") - number(points.get(1), "cx"), PIXEL);
    // The axis goes from 10, below, to 100: the ticks are the first and the last point.
    List<Element> ticks = elements(panel, "line");
    assertEquals(number(ticks.get(0), "y1"), number(points.get(0), "cy"), PIXEL);
    assertEquals(number(ticks.get(1), "y1"), number(points.get(2), "cy"), PIXEL);
    double middle = (number(points.get(0), "cy") + number(points.get(2), "cy")) / 2;
    assertEquals(middle, number(points.get(1), "cy"), PIXEL);
    assertTrue(number(points.get(2), "cy") < number(points.get(0), "cy"), "more is not higher");
    assertEquals("10k grants: 31.6 us", points.get(1).getTextContent());
  }

  @Test
  void svg_line_goesThroughThePoints() throws Exception {
    Element panel = panels(List.of(ROOT)).get(0);
    StringBuilder expected = new StringBuilder();
    for (Element point : elements(panel, "circle")) {
      expected.append(point.getAttribute("cx")).append(',').append(point.getAttribute("cy"));
      expected.append(' ');
    }
    assertEquals(
        expected.toString().strip(),
        elements(panel, "polyline").get(0).getAttribute("points").strip());
  }

  @Test
  void svg_flatCurve_spansAFactorOfTenSoThatNoiseIsSmall() throws Exception {
    Element panel = panels(List.of(FLAT)).get(0);
    assertEquals(List.of("50", "100", "200", "500"), texts(panel, "value"));
    List<Element> points = elements(panel, "circle");
    double rise = number(points.get(0), "cy") - number(points.get(1), "cy");
    assertTrue(rise > 0 && rise < 3, () -> "2 % are " + rise + " pixels");
  }

  @Test
  void svg_nineCurves_areInRowsOfFourWithinTheDrawing() throws Exception {
    List<Curve> curves = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      curves.add(i % 2 == 0 ? ROOT : FLAT);
    }
    Element svg = parse(GrowthChart.svg(curves));
    List<String> places =
        panels(curves).stream().map(panel -> panel.getAttribute("transform")).toList();
    assertEquals(9, places.stream().distinct().count());
    assertEquals("translate(720,0)", places.get(3));
    assertEquals("translate(0,380)", places.get(8));
    assertEquals("960", svg.getAttribute("width"));
    assertEquals("570", svg.getAttribute("height"));
    for (Element panel : panels(curves)) {
      for (Element point : elements(panel, "circle")) {
        assertTrue(number(point, "cx") > 0 && number(point, "cx") < 240, point::getTextContent);
        assertTrue(number(point, "cy") > 0 && number(point, "cy") < 190, point::getTextContent);
      }
    }
  }

  @Test
  void svg_ink_followsTheReadersScheme() {
    String svg = GrowthChart.svg(List.of(ROOT));
    assertTrue(svg.contains("@media (prefers-color-scheme: dark)"), svg);
  }

  @Test
  void svg_curveWithoutAPoint_isRefused() {
    List<Curve> empty = List.of(new Curve("nothing", "us", List.of()));
    assertThrows(IllegalArgumentException.class, () -> GrowthChart.svg(empty));
  }

  @Test
  void axis_around_endsOnRoundValuesThatHoldAll() {
    GrowthChart.Axis axis = GrowthChart.Axis.around(0.3, 47, 0, 100);
    assertEquals(0.2, axis.from(), 1e-9);
    assertEquals(50, axis.to(), 1e-9);
    assertEquals(0, axis.at(0.2), 1e-9);
    assertEquals(100, axis.at(50), 1e-9);
    assertEquals(List.of(1.0, 10.0), axis.ticks());
    assertEquals(1_000, GrowthChart.Axis.around(1_000, 1_000, 0, 1).from(), 1e-9);
    assertEquals(10_000, GrowthChart.Axis.around(1_000, 1_000, 0, 1).to(), 1e-6);
  }

  @Test
  void brief_number_isInThousandsMillionsAndBillions() {
    assertEquals("0.02", GrowthChart.brief(0.02));
    assertEquals("100", GrowthChart.brief(100));
    assertEquals("1k", GrowthChart.brief(1_000));
    assertEquals("2.5M", GrowthChart.brief(2_500_000));
    assertEquals("100M", GrowthChart.brief(100_000_000));
    assertEquals("1G", GrowthChart.brief(1e9));
  }

  private static List<Element> panels(List<Curve> curves) throws Exception {
    return elements(parse(GrowthChart.svg(curves)), "g");
  }

  private static Element parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)))
        .getDocumentElement();
  }

  private static List<Element> elements(Element in, String tag) {
    NodeList nodes = in.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static List<String> texts(Element panel, String style) {
    return elements(panel, "text").stream()
        .filter(text -> text.getAttribute("class").equals(style))
        .map(Element::getTextContent)
        .toList();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }
}
