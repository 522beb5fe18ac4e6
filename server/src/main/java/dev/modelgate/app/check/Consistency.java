package dev.modelgate.app.check;

/**
 * How current an answer must be. On one machine every answer is current, so only {@code at_least}
 * can fail.
 *
 * @param atLeast the token of a revision that the answer must include; empty for none
 */
public record Consistency(String atLeast) {
  /** Whatever is fastest. */
  public static final Consistency CURRENT = new Consistency("");
}
