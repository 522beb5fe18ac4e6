package dev.modelgate.app.identity;

/**
 * Which names an operator means: one name, or all that begin alike.
 *
 * @param text the name, or its beginning
 * @param beginning whether it is a beginning: {@code serviceAccount:*}
 */
public record CallerPattern(String text, boolean beginning) {
  private static final String ANY = "*";

  /**
   * Reads a pattern: a name, in which {@code *} may stand once, at the end.
   *
   * @throws IllegalArgumentException for an empty text, or a {@code *} elsewhere
   */
  public static CallerPattern parse(String pattern) {
    int star = pattern.indexOf(ANY);
    if (pattern.isEmpty() || star >= 0 && star != pattern.length() - 1) {
      throw new IllegalArgumentException(
          "pattern: `" + pattern + "` (expected: a name, or its beginning and `*`)");
    }
    return star < 0
        ? new CallerPattern(pattern, false)
        : new CallerPattern(pattern.substring(0, star), true);
  }

  /** Whether a name is meant. */
  public boolean matches(String name) {
    return beginning ? name.startsWith(text) : name.equals(text);
  }

  /** The text that {@link #parse} reads. */
  @Override
  public String toString() {
    return beginning ? text + ANY : text;
  }
}
