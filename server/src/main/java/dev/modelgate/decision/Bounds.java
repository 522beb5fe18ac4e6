package dev.modelgate.decision;

import java.util.List;

/**
 * What stands between what is granted and what is allowed, in the order in which a denial looks for
 * its reason: deny rules, privileges, ceilings, and after the grants the gates.
 *
 * @param denied what deny rules without a condition take
 * @param privileges what privileges let through
 * @param ceiling what ceilings let through
 * @param gates what closed gates take, but from holders of certain permissions
 * @param conditionals what turns on the request
 */
public record Bounds(
    long denied, long privileges, long ceiling, List<Gate> gates, List<Conditional> conditionals) {
  /** Nothing in between: most organizations, and one object for all of their cached answers. */
  public static final Bounds NONE = new Bounds(0, ~0L, ~0L, List.of(), List.of());

  /** Copies the lists. */
  public Bounds {
    gates = List.copyOf(gates);
    conditionals = List.copyOf(conditionals);
  }

  /** The same without a difference: {@link #NONE} itself where nothing is in between. */
  Bounds shared() {
    return equals(NONE) ? NONE : this;
  }

  /** What this costs in memory, in bytes, about; nothing where it is shared. */
  public int weight() {
    int weight = equals(NONE) ? 0 : 64 + 48 * gates.size();
    for (Conditional conditional : conditionals) {
      weight += 96 + 2 * conditional.condition().length();
    }
    return weight;
  }

  /** A closed gate that stands before this caller. */
  public record Gate(String reason, long mask, long unless) {}

  /**
   * Something that turns on the request.
   *
   * @param denies whether it takes the mask, or else gives it
   */
  public record Conditional(boolean denies, long mask, String condition) {}
}
