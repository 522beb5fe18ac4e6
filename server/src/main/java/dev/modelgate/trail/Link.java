package dev.modelgate.trail;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the chain: the number of an event and its hash. The chain begins after {@link #START}.
 *
 * @param sequence of the event, from 1
 * @param hash SHA-256 of its line, 64 hexadecimal digits
 */
public record Link(long sequence, String hash) {
  /** Before the first event. */
  public static final Link START = new Link(0, "0".repeat(64));

  private static final Pattern FORM = Pattern.compile("([0-9]{1,18}):([0-9a-f]{64})");

  /**
   * Reads {@code sequence:hash}.
   *
   * @throws IllegalArgumentException when it has another form
   */
  public static Link parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "`" + text + "` (expected: the number of an event, a colon and its hash)");
    }
    return new Link(Long.parseLong(matcher.group(1)), matcher.group(2));
  }

  @Override
  public String toString() {
    return sequence + ":" + hash;
  }
}
