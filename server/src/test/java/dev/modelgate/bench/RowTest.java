package dev.modelgate.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowTest {
  @ParameterizedTest
  @CsvSource({
    "0.99, true, aim", "1.00, true, aim", "1.01, true, must", "1.25, true, must",
    "1.26, true, missed", "1.00, false, aim", "0.99, false, must", "0.80, false, must",
    "0.79, false, missed"
  })
  void verdict_withoutControl_isThatOfTheTargetItself(
      double ratio, boolean atMost, String verdict) {
    assertEquals(verdict, row(ratio, 0, atMost).verdict());
  }

  @ParameterizedTest
  @CsvSource({
    "1.05, true, aim", "1.06, true, must", "1.31, true, must", "1.32, true, missed",
    "0.95, false, aim", "0.94, false, must", "0.76, false, must", "0.75, false, missed"
  })
  void verdict_withControl_isWidenedByItsError(double ratio, boolean atMost, String verdict) {
    assertEquals(verdict, row(ratio, 0.05, atMost).verdict());
  }

  @Test
  void verdict_ofTheFigureItself_takesTheValueAndNotTheRatio() {
    Row row = new Row("case", 1, 2.0, "us", 1.0, 9.0, 9.0, 0, Target.value(2.5, 1.2), true, "");
    assertEquals("must", row.verdict());
  }

  @Test
  void verdict_noisyRow_saysSoAndNothingElse() {
    assertEquals("too noisy", row(0.5, 0, true).noisy(true).verdict());
    assertEquals("aim", row(0.5, 0, true).noisy(false).verdict());
  }

  @Test
  void verdict_withoutTarget_isEmpty() {
    assertEquals("", Row.figure("case", 1, 1, "us", true, Target.NONE).verdict());
  }

  @Test
  void verdict_absentCase_saysWhy() {
    assertEquals("absent: no such JDK", Row.absent("case", "no such JDK").verdict());
  }

  @Test
  void verdict_figureThatWasNotMeasured_isMissed() {
    assertEquals(
        "missed", Row.figure("case", 1, Double.NaN, "us", true, Target.value(1, 1)).verdict());
  }

  private static Row row(double ratio, double control, boolean atMost) {
    Target target = atMost ? Target.ratio(1.25, 1.00) : Target.ratio(0.80, 1.00);
    return new Row("case", 64, 7, "us", 7, ratio, ratio, control, target, atMost, "");
  }
}
