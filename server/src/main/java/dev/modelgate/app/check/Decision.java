package dev.modelgate.app.check;

import java.util.List;
import java.util.Set;

/**
 * One check and what became of it, as the decision log keeps it: without the context and the secret
 * of a link. Texts that are too long are cut.
 *
 * @param atMicros when it was answered, since 1970
 * @param resource the model as it was asked for
 * @param outcome {@code allow}, {@code deny}, {@code conditional} or {@code error}
 * @param reason why not; for an error its fault
 * @param deniedLink which link was denied, or empty
 * @param missing the attributes on which it turns
 * @param revision at which it holds; empty for an error
 * @param caller the credential of who asked, {@code none} without one
 * @param nanos from question to answer
 */
public record Decision(
    long atMicros,
    String principal,
    List<String> actingThrough,
    String resource,
    String action,
    String outcome,
    String reason,
    String deniedLink,
    Set<String> missing,
    String revision,
    String caller,
    long nanos) {
  /** The longest text, in characters. */
  public static final int CHARS_MAX = 512;

  /** Cuts texts, so that what waits to be written has a bound. */
  public Decision {
    principal = cut(principal);
    actingThrough = actingThrough.stream().limit(Question.LINKS_MAX).map(Decision::cut).toList();
    resource = cut(resource);
    action = cut(action);
    deniedLink = cut(deniedLink);
    missing = Set.copyOf(missing);
    caller = cut(caller);
  }

  private static String cut(String text) {
    return text.length() <= CHARS_MAX ? text : text.substring(0, CHARS_MAX - 1) + "…";
  }
}
