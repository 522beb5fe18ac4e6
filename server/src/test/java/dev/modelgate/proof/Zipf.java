package dev.modelgate.proof;

import java.util.Arrays;
import java.util.Random;

/** Numbers from 0 on, the k-th about 1/(k+1)^s as often as the first. */
final class Zipf {
  private final double[] upTo;

  Zipf(int numbers, double s) {
    this.upTo = new double[numbers];
    double sum = 0;
    for (int k = 0; k < numbers; k++) {
      sum += 1 / StrictMath.pow(k + 1, s); // The same number on every machine.
      upTo[k] = sum;
    }
  }

  int next(Random random) {
    int at = Arrays.binarySearch(upTo, random.nextDouble() * upTo[upTo.length - 1]);
    return Math.min(at < 0 ? -at - 1 : at, upTo.length - 1);
  }
}
