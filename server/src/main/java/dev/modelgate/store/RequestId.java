package dev.modelgate.store;

/**
 * What makes a mutation idempotent: repeating the id with the same command repeats the answer, not
 * the change (hazard 20).
 *
 * @param text 1 to {@value #CHARS_MAX} printable ASCII characters; empty when the caller gave none
 */
public record RequestId(String text) {
  /** The longest id, in characters. */
  public static final int CHARS_MAX = 128;

  /** No id. */
  public static final RequestId NONE = new RequestId("");

  /** Refuses other characters and longer ids. */
  public RequestId {
    boolean printable = text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    if (text.length() > CHARS_MAX || !printable) {
      throw new IllegalArgumentException(
          "request id (expected: at most 128 printable ASCII characters)");
    }
  }

  /** Whether there is an id. */
  public boolean isPresent() {
    return !text.isEmpty();
  }
}
