package dev.modelgate.bench;

/**
 * What a figure has to be and what it should be, as the figure itself or as its ratio to the
 * reference.
 *
 * @param must what it has to be, {@link Double#NaN} for nothing
 * @param aim what it should be, {@link Double#NaN} for nothing
 * @param of what is held against the two
 */
public record Target(double must, double aim, Of of) {
  /**
   * What an echo with 64 in flight took on the machine that the targets were set on, in
   * microseconds: between 5.5 and 7.4.
   */
  static final double ECHO_MICROS = 6.4;

  /** Nothing is asked of the figure. */
  public static final Target NONE = new Target(Double.NaN, Double.NaN, Of.VALUE);

  /** What is held against a target. */
  public enum Of {
    VALUE,
    RATIO
  }

  /** Of the ratio to the reference. */
  public static Target ratio(double must, double aim) {
    return new Target(must, aim, Of.RATIO);
  }

  /**
   * Of a time that was set on another machine: of the ratio to an echo with 64 in flight, as it
   * would be there.
   *
   * @param must in microseconds
   * @param aim in microseconds
   */
  public static Target micros(double must, double aim) {
    return ratio(must / ECHO_MICROS, aim / ECHO_MICROS);
  }

  /** Of the figure itself, in its unit. */
  public static Target value(double must, double aim) {
    return new Target(must, aim, Of.VALUE);
  }
}
