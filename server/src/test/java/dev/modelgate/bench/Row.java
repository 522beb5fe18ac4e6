package dev.modelgate.bench;

/**
 * One line of the table: a figure of a case, and the same of the reference, which ran at
 * alternating times. The reference is the echo of the same process where the name says nothing
 * else.
 *
 * @param name the case, a colon, the figure; the key of a row together with {@code inFlight}
 * @param inFlight calls in flight, 0 where there are none to count
 * @param value the median of the figure, in its unit; {@link Double#NaN} if it was not measured
 * @param unit the unit of value and reference
 * @param reference the same of the reference, {@link Double#NaN} for none
 * @param ratio the median of the paired ratios, {@link Double#NaN} for none
 * @param best the ratio of the best rounds, least for costs and greatest for rates; {@link
 *     Double#NaN} for none
 * @param control the error of the control, the reference against itself; 0.05 is 5 %; {@link
 *     Double#NaN} for none
 * @param target what it has to be
 * @param atMost whether less is better
 * @param obstacle why the figure proves nothing, empty if it does
 */
public record Row(
    String name,
    int inFlight,
    double value,
    String unit,
    double reference,
    double ratio,
    double best,
    double control,
    Target target,
    boolean atMost,
    String obstacle) {
  /** The obstacle of a round in which others used more than a quarter of a core. */
  static final String NOISY = "too noisy";

  private static final String ABSENT = "absent: ";
  private static final String FAILED = "failed: ";

  /** A figure without a reference. */
  public static Row figure(
      String name, int inFlight, double value, String unit, boolean atMost, Target target) {
    return new Row(
        name,
        inFlight,
        value,
        unit,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        target,
        atMost,
        "");
  }

  /** A case that could not run here. */
  public static Row absent(String name, String why) {
    return nothing(name, ABSENT + why);
  }

  /** A case that broke off. */
  static Row failed(String name, String why) {
    return nothing(name, FAILED + why);
  }

  private static Row nothing(String name, String why) {
    return new Row(
        name,
        0,
        Double.NaN,
        "",
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Target.NONE,
        true,
        why);
  }

  /** Whether others disturbed it. */
  public Row noisy(boolean noisy) {
    return new Row(
        name,
        inFlight,
        value,
        unit,
        reference,
        ratio,
        best,
        control,
        target,
        atMost,
        noisy ? NOISY : obstacle);
  }

  boolean isFailed() {
    return obstacle.startsWith(FAILED);
  }

  boolean isNoisy() {
    return obstacle.equals(NOISY);
  }

  /**
   * {@code aim}, {@code must}, {@code missed}, {@code too noisy}, {@code absent: <why>}, {@code
   * failed: <why>}, or nothing without a target. Each is widened by the error of the control.
   */
  public String verdict() {
    if (!obstacle.isEmpty()) {
      return obstacle;
    }
    if (Double.isNaN(target.must()) && Double.isNaN(target.aim())) {
      return "";
    }
    if (reaches(target.aim())) {
      return "aim";
    }
    return reaches(target.must()) ? "must" : "missed";
  }

  private boolean reaches(double bound) {
    double figure = target.of() == Target.Of.RATIO ? ratio : value;
    double error = Double.isNaN(control) ? 0 : control;
    return atMost ? figure <= bound * (1 + error) : figure >= bound * (1 - error);
  }
}
