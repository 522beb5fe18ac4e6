package dev.modelgate.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MediansTest {
  private static final double EXACT = 1e-9;

  @Test
  void median_oddAndEvenCounts_areTheMiddleOfTheSortedOnes() {
    assertEquals(2, Medians.median(new double[] {3, 1, 2}), EXACT);
    assertEquals(2.5, Medians.median(new double[] {4, 1, 3, 2}), EXACT);
    assertEquals(7, Medians.median(new double[] {7}), EXACT);
    assertThrows(IllegalArgumentException.class, () -> Medians.median(new double[0]));
  }

  @Test
  void error_twentyRatios_isTheFartherOfTheSixthAndTheFifteenth() {
    double[] ratios = new double[20];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = 0.9 + (i + 1) / 100.0; // 0.91 to 1.10
    }
    assertEquals(0.05, Medians.error(ratios), EXACT);
    ratios[0] = 0.1;
    ratios[19] = 9;
    assertEquals(0.05, Medians.error(ratios), EXACT, "an outlier on either side changes nothing");
  }

  @Test
  void error_fewRatios_isThatOfTheExtremes() {
    assertEquals(0.3, Medians.error(new double[] {1, 1.3, 0.9}), EXACT);
    assertEquals(0.2, Medians.error(new double[] {0.8}), EXACT);
  }

  @Test
  void error_medianOfRatiosWithoutDifference_liesWithinItNineteenInTwentyTimes() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int runs = 2_000;
    int within = 0;
    for (int run = 0; run < runs; run++) {
      double[] ratios = new double[20];
      double[] others = new double[20];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = around(random);
        others[i] = around(random);
      }
      within += Math.abs(Medians.median(others) - 1) <= Medians.error(ratios) ? 1 : 0;
    }
    assertTrue(within > runs * 0.9, within + " of " + runs + ", seed " + seed);
  }

  /** 1 and a tenth at most, with most of it close to 1. */
  private static double around(SplittableRandom random) {
    double up = random.nextDouble();
    return 1 + 0.1 * (up - random.nextDouble());
  }
}
