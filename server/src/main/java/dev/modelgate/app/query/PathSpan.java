package dev.modelgate.app.query;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Paths that follow each other in the order of the table of resources, which is that of their
 * bytes.
 *
 * <p>What lies below {@code models/a} begins with {@code models/a/}; {@code 0} is the character
 * behind {@code /}, so it ends before {@code models/a0}. Between {@code models/a} itself and that
 * lie others, such as {@code models/a-b}: a resource and what is below it are two spans.
 *
 * @param prefix what the paths begin with, in UTF-8; the path itself of a single one
 * @param single whether it is that one path alone
 */
record PathSpan(byte[] prefix, boolean single) {
  private static final byte[] FIRST = {0};

  /** One path. */
  static PathSpan of(String path) {
    return new PathSpan(bytes(path), true);
  }

  /** Everything below a path. */
  static PathSpan below(String path) {
    return new PathSpan(bytes(path.isEmpty() ? "" : path + "/"), false);
  }

  /** The same paths in order, without repetition; no two spans overlap but one in the other. */
  static List<PathSpan> merged(List<PathSpan> spans) {
    List<PathSpan> sorted = new ArrayList<>(spans);
    // The organization comes before what is below it, with the same empty prefix.
    sorted.sort(
        Comparator.comparing(PathSpan::prefix, Arrays::compareUnsigned)
            .thenComparing(span -> !span.single));
    List<PathSpan> merged = new ArrayList<>();
    for (PathSpan span : sorted) {
      PathSpan last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (last == null || !last.holds(span)) {
        merged.add(span);
      }
    }
    return merged;
  }

  /** Its first path; the organization itself is not below itself. */
  byte[] from() {
    return prefix.length == 0 && !single ? FIRST : prefix;
  }

  /** Whether all of it comes before a path. */
  boolean isBefore(byte[] path) {
    boolean begunBefore = Arrays.compareUnsigned(prefix, path) < 0;
    return begunBefore && (single || !startsWith(path, prefix));
  }

  private boolean holds(PathSpan other) {
    return single
        ? other.single && Arrays.equals(prefix, other.prefix)
        : startsWith(other.prefix, prefix);
  }

  private static boolean startsWith(byte[] path, byte[] prefix) {
    return path.length >= prefix.length
        && Arrays.equals(path, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
