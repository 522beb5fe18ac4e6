package dev.modelgate.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairsTest {
  private static final double EXACT = 1e-9;

  @Test
  void row_roundsThatDriftTogether_hasTheRatioOfThePairs() {
    Pairs pairs = pairs(rounds(0, 10, 20, 40), rounds(0, 12, 24, 48));
    Row row = pairs.row("hot", Figure.CPU, Target.NONE);
    assertEquals("hot: CPU per check", row.name());
    assertEquals(1.2, row.ratio(), EXACT);
    assertEquals(24, row.value(), EXACT);
    assertEquals(20, row.reference(), EXACT);
    assertEquals(1.2, row.best(), EXACT);
  }

  @Test
  void row_ofARate_takesTheGreatestAsBest() {
    Pairs pairs = pairs(rounds(0, 1, 2), rounds(0, 1, 3));
    assertEquals(
        1.0, pairs.row("hot", Figure.RATE, Target.NONE).best(), EXACT, "100 checks in a second");
    assertEquals(1.0, pairs.row("hot", Figure.CPU, Target.NONE).best(), EXACT, "the least cost");
  }

  @Test
  void control_referencesThatVary_isTheirRatiosFarthestFromOne() {
    assertEquals(0.5, pairs(rounds(0, 10, 10, 5), rounds(0, 1, 1, 1)).control(Figure.CPU), EXACT);
    assertEquals(0, pairs(rounds(0, 10, 10, 10), rounds(0, 1, 2, 3)).control(Figure.CPU), EXACT);
  }

  @Test
  void row_moreThanAQuarterOfACoreWasOthers_isTooNoisy() {
    assertEquals(
        "too noisy",
        pairs(rounds(0.26, 1, 1), rounds(0.26, 1, 1))
            .row("hot", Figure.CPU, Target.NONE)
            .verdict());
    assertEquals(
        "aim",
        pairs(rounds(0.25, 1, 1), rounds(0.25, 1, 1))
            .row("hot", Figure.CPU, Target.ratio(2, 1))
            .verdict());
  }

  @Test
  void pairs_notAsManyOfEach_refused() {
    List<Round> two = rounds(0, 1, 1);
    List<Round> three = rounds(0, 1, 1, 1);
    assertThrows(IllegalArgumentException.class, () -> pairs(two, three));
    List<Round> one = rounds(0, 1);
    assertThrows(IllegalArgumentException.class, () -> pairs(one, one));
  }

  private static Pairs pairs(List<Round> references, List<Round> others) {
    return new Pairs(64, references, others);
  }

  private static List<Round> rounds(double foreignCores, double... cpuMicros) {
    return Arrays.stream(cpuMicros)
        .mapToObj(cpu -> new Round(100, 50, 1, 10, 20, cpu, foreignCores))
        .toList();
  }
}
