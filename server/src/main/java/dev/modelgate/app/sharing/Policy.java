package dev.modelgate.app.sharing;

import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Grant;
import java.util.Optional;

/** The direct grants of a resource as one thing that is read, changed and written back. */
public final class Policy {
  /** The most grants of a policy, whatever the profile says. */
  public static final int MEMBERS_MAX = 10_000;

  private Policy() {}

  /** How much of a grant a policy says. */
  public enum Form {
    /** All of it. */
    COMPLETE,
    /**
     * What is given, to whom, and one expression with a title and a description. A grant that looks
     * so already stays as it is, with all that this form does not say.
     */
    BARE,
    /** The same by somebody who does not know of expressions, and could drop them unseen. */
    BARE_UNCONDITIONAL
  }

  /**
   * A grant of a policy.
   *
   * @param grant in mode MERGE
   * @param deleted the identity of a deleted principal, who can keep what he has; empty for a
   *     living one
   */
  public record Entry(GrantChange grant, Optional<Uid> deleted) {}

  /**
   * When a grant counts, as one expression: its condition and its times.
   *
   * @return empty for always
   */
  public static String expression(String condition, long notBeforeMicros, long expiresAtMicros) {
    StringBuilder all = new StringBuilder();
    boolean timed = notBeforeMicros != 0 || expiresAtMicros != Micros.NEVER;
    if (!condition.isEmpty()) {
      all.append(timed ? "(" + condition + ")" : condition);
    }
    if (notBeforeMicros != 0) {
      all.append(all.isEmpty() ? "" : " && ")
          .append("request.time >= ")
          .append(at(notBeforeMicros));
    }
    if (expiresAtMicros != Micros.NEVER) {
      all.append(all.isEmpty() ? "" : " && ").append("request.time < ").append(at(expiresAtMicros));
    }
    return all.toString();
  }

  /** What a note says in its first line. */
  public static String title(String note) {
    int end = note.indexOf('\n');
    return end < 0 ? note : note.substring(0, end);
  }

  /** What a note says below its first line; empty when that is all. */
  public static String description(String note) {
    int end = note.indexOf('\n');
    return end < 0 ? "" : note.substring(end + 1);
  }

  /** The note that says both; the title is one line. */
  public static String note(String title, String description) {
    return description.isEmpty() ? title : title + "\n" + description;
  }

  /** Whether a grant looks in the bare form as one that is asked for, of the same role or mask. */
  static boolean looksAlike(Grant grant, GrantChange asked) {
    String expression =
        expression(grant.condition(), grant.notBeforeMicros(), grant.expiresAtMicros());
    return expression.equals(asked.condition())
        && (expression.isEmpty()
            || note(title(grant.note()), description(grant.note())).equals(asked.note()));
  }

  private static String at(long micros) {
    return "timestamp(\"" + Micros.toInstant(micros) + "\")";
  }
}
