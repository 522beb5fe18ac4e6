package dev.modelgate.app.query;

import dev.modelgate.store.Micros;
import java.util.List;
import java.util.Locale;

/**
 * An answer of Check with what it stands on.
 *
 * @param reason why not; empty when it is allowed or conditional
 * @param missing the attributes on which it turns, sorted; an empty text stands for some that
 *     cannot be named. Empty when it is decided
 * @param revision the token of the revision at which this holds
 * @param validUntilMicros the earliest time at which it could be another with no change made;
 *     {@link Micros#NEVER} when no boundary is known
 * @param steps of an allow the fewest and nearest grants and rights that give it, and what else it
 *     passes; of a denial what denies it or comes near to giving it
 * @param lacking the permissions that are needed and not given, or not let through
 * @param granters some of those who could give them; empty when nobody is known, or the asker may
 *     not know
 */
public record Explanation(
    String reason,
    List<String> missing,
    String revision,
    long validUntilMicros,
    List<Step> steps,
    List<String> lacking,
    List<Granter> granters) {

  /** Copies the lists. */
  public Explanation {
    missing = List.copyOf(missing);
    steps = List.copyOf(steps);
    lacking = List.copyOf(lacking);
    granters = List.copyOf(granters);
  }

  /** What a step is about. */
  public enum Kind {
    GRANT,
    TYPE_RIGHT,
    PRIVILEGE,
    CEILING,
    DENY_RULE,
    GATE,
    SUSPENSION,
    RESOURCE,
    PRINCIPAL
  }

  /** How a step bears on the answer. */
  public enum Effect {
    /** It gives or lets through what is needed. */
    ALLOWS,
    /** It would, if the request had the attributes that its condition asks for. */
    CONDITIONAL,
    /** It denies. */
    DENIES,
    /** It would give something, but does not count. */
    IDLE
  }

  /**
   * One thing that bears on the answer.
   *
   * @param resource where it stands: the resource itself, or one above it
   * @param path how the caller comes to be named: himself, the groups in between, whom it names
   * @param name the role, rule, depth or reason of a gate; empty for single permissions
   * @param permissions those of the needed ones that it is about, in the order of the profile
   * @param condition empty for none
   * @param why in a few words, what the other fields do not say; may be empty
   */
  public record Step(
      Kind kind,
      Effect effect,
      String resource,
      List<String> path,
      String name,
      List<String> permissions,
      String condition,
      String why) {
    /** Copies the lists. */
    public Step {
      path = List.copyOf(path);
      permissions = List.copyOf(permissions);
    }

    private String verb() {
      return switch (effect) {
        case ALLOWS -> kind == Kind.GRANT || kind == Kind.TYPE_RIGHT ? " gives " : " lets through ";
        case CONDITIONAL -> kind == Kind.DENY_RULE ? " might deny " : " might give ";
        case DENIES -> kind == Kind.DENY_RULE || kind == Kind.GATE ? " denies " : " lacks ";
        case IDLE -> " would give ";
      };
    }

    /** The step in one line. */
    public String text() {
      StringBuilder text = new StringBuilder();
      text.append(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '));
      if (!name.isEmpty()) {
        text.append(" `").append(name).append('`');
      }
      text.append(" on ").append(resource);
      if (!path.isEmpty()) {
        text.append(" for ").append(String.join(" in ", path));
      }
      if (!permissions.isEmpty()) {
        text.append(verb());
        text.append(String.join(", ", permissions));
      }
      if (!condition.isEmpty()) {
        text.append(" when ").append(condition);
      }
      if (!why.isEmpty()) {
        text.append(": ").append(why);
      }
      return text.toString();
    }
  }

  /**
   * Somebody who could give what lacks.
   *
   * @param resource where; empty for the whole organization
   * @param role what he could grant; empty for single permissions, and where it takes no grant
   */
  public record Granter(String principal, String resource, String role) {}
}
