package dev.modelgate.bench;

/**
 * One line of the table: a figure of a case as a ratio to the same figure of the echo, which ran in
 * the same process at alternating times.
 *
 * @param name the case and the figure
 * @param inFlight calls in flight
 * @param value the median of the figure, in its unit
 * @param reference the same of the echo
 * @param ratio the median of the paired ratios
 * @param best the ratio of the best rounds: least for costs, greatest for rates
 * @param control the error of the control, an echo against itself; 0.05 is 5 %
 * @param must what it has to be, {@link Double#NaN} for nothing
 * @param aim what it should be
 * @param atMost whether less is better
 * @param noisy whether more than a quarter of a core was somebody else's
 */
record Row(
    String name,
    int inFlight,
    double value,
    String unit,
    double reference,
    double ratio,
    double best,
    double control,
    double must,
    double aim,
    boolean atMost,
    boolean noisy) {

  /** {@code aim}, {@code must}, {@code missed}, {@code too noisy}, or nothing without a target. */
  String verdict() {
    if (Double.isNaN(must)) {
      return "";
    }
    if (noisy) {
      return "too noisy";
    }
    if (reaches(aim)) {
      return "aim";
    }
    return reaches(must) ? "must" : "missed";
  }

  /** Figures without a reference are held against the target themselves. */
  private boolean reaches(double target) {
    double figure = Double.isNaN(ratio) ? value : ratio;
    return atMost ? figure <= target * (1 + control) : figure >= target * (1 - control);
  }
}
