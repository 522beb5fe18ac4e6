package dev.modelgate.app.query;

import dev.modelgate.store.Revision;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place between two events: behind a revision, and behind so many events of the change set that
 * follows it. On the wire {@code revision} or {@code revision.told}, so that the revision of an
 * answer is a cursor too.
 *
 * @param told 0 for none
 */
record EventCursor(String revision, int told) {
  private static final Pattern TEXT = Pattern.compile("([^.]*)(?:\\.([1-9][0-9]{0,6}))?");

  /** Reads a cursor; empty for a text that is none. */
  static Optional<EventCursor> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches() || Revision.parse(parts.group(1)).isEmpty()) {
      return Optional.empty();
    }
    String told = parts.group(2);
    return Optional.of(new EventCursor(parts.group(1), told == null ? 0 : Integer.parseInt(told)));
  }

  String token() {
    return told == 0 ? revision : revision + "." + told;
  }
}
