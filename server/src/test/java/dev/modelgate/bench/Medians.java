package dev.modelgate.bench;

import java.util.Arrays;

/** Medians, and how far they can be trusted. */
final class Medians {
  /**
   * Half the normal deviates that a median of n values strays from its middle rank, 19 in 20 times.
   */
  private static final double DEVIATES = 1.96 / 2;

  private Medians() {}

  /** The middle one, or the mean of the middle two; of one value at least. */
  static double median(double[] values) {
    double[] sorted = sorted(values);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /**
   * How far the median of such ratios may lie from 1 although nothing differs: the farther end of
   * the interval that holds their true median 19 in 20 times, from the ranks of the values alone
   * (Hettmansperger, Statistical Inference Based on Ranks, 1.2). Fewer than six ratios have no such
   * interval, and their extremes are taken.
   */
  static double error(double[] ratios) {
    double[] sorted = sorted(ratios);
    int n = sorted.length;
    int low = Math.max(0, (int) Math.floor((n + 1) / 2.0 - DEVIATES * Math.sqrt(n)) - 1);
    return Math.max(Math.abs(sorted[low] - 1), Math.abs(sorted[n - 1 - low] - 1));
  }

  private static double[] sorted(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("a median of nothing");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted;
  }
}
