package dev.modelgate.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BaselineTest {
  @ParameterizedTest
  @CsvSource({
    // ratio, control now, control then, at most, whether it fails; the baseline is 1.20
    "1.20, 0.00, 0.00, true, false",
    "1.25, 0.00, 0.00, true, false",
    "1.27, 0.00, 0.00, true, true",
    "1.27, 0.03, 0.03, true, false",
    "1.28, 0.03, 0.03, true, true",
    "0.60, 0.00, 0.00, true, false",
    "1.15, 0.00, 0.00, false, false",
    "1.14, 0.00, 0.00, false, true",
    "1.14, 0.06, 0.00, false, false",
    "9.00, 0.00, 0.00, false, false",
  })
  void compare_ratio_failsBeyondTheNoiseOfBothRuns(
      double ratio, double now, double then, boolean atMost, boolean fails) {
    Baseline baseline = Baseline.parse(Report.json(List.of(row("hot", 64, 1.20, then, atMost))));
    assertEquals(fails, baseline.compare(List.of(row("hot", 64, ratio, now, atMost))).failed());
  }

  @Test
  void compare_valueThatIsFiveTimesAsGreatAtTheSameRatio_isAsGood() {
    Baseline baseline = Baseline.parse(Report.json(List.of(row("hot", 64, 1.2, 0, true))));
    Row slowMachine =
        new Row("hot", 64, 40, "us", 35, 1.2, 1.2, 0, Target.ratio(1.25, 1), true, "");
    assertFalse(baseline.compare(List.of(slowMachine)).failed());
  }

  @Test
  void compare_noisyRow_neitherFailsNorPasses() {
    Baseline baseline =
        Baseline.parse(
            Report.json(List.of(row("hot", 64, 1.2, 0, true), row("misses", 64, 2, 0, true))));
    Row noisy = row("hot", 64, 9, 0, true).noisy(true);
    Row good = row("misses", 64, 2, 0, true);
    assertFalse(baseline.compare(List.of(noisy, good)).failed());
    assertTrue(baseline.compare(List.of(noisy)).failed(), "nothing was compared");
  }

  @Test
  void compare_nothingInCommon_fails() {
    Baseline baseline = Baseline.parse(Report.json(List.of(row("hot", 64, 1.2, 0, true))));
    assertTrue(baseline.compare(List.of(row("hot", 8, 1.2, 0, true))).failed());
    assertTrue(baseline.compare(List.of(Row.absent("hot", "failed"))).failed());
  }

  @Test
  void compare_rowsThatWereNotRun_areCounted() {
    Baseline baseline =
        Baseline.parse(
            Report.json(List.of(row("hot", 64, 1.2, 0, true), row("misses", 64, 2, 0, true))));
    Baseline.Comparison comparison = baseline.compare(List.of(row("hot", 64, 1.2, 0, true)));
    assertEquals(1, comparison.notRun());
    assertTrue(comparison.table().contains("1 compared, 1 of the baseline not run"));
    assertFalse(comparison.failed());
  }

  @Test
  void parse_somethingElse_refused() {
    assertThrows(IllegalArgumentException.class, () -> Baseline.parse("{}"));
    assertThrows(IllegalArgumentException.class, () -> Baseline.parse("[{\"name\": \"hot\"}]"));
  }

  private static Row row(String name, int inFlight, double ratio, double control, boolean atMost) {
    return new Row(
        name, inFlight, 8, "us", 7, ratio, ratio, control, Target.ratio(2, 1), atMost, "");
  }
}
