package dev.modelgate.app.query;

import dev.modelgate.store.Micros;
import java.util.List;

/**
 * A page of a lookup. What is allowed and what is conditional stand apart, so that nobody takes the
 * one for the other.
 *
 * @param allowed the names of what Check allows, in the order of the lookup
 * @param conditional what Check answers with CONDITIONAL, in the same order
 * @param nextToken what goes on behind the last row looked at; empty when there is nothing more
 * @param complete whether this page ends a lookup all of whose pages together are exactly what
 *     Check says at {@code revision}, nothing withheld
 * @param revision the token of the revision at which this page holds
 * @param validUntilMicros the earliest time at which this page or one before it could be another
 *     with no change made; {@link Micros#NEVER} when no boundary is known
 */
public record LookupPage(
    List<String> allowed,
    List<Conditional> conditional,
    String nextToken,
    boolean complete,
    String revision,
    long validUntilMicros) {

  /** Copies the lists. */
  public LookupPage {
    allowed = List.copyOf(allowed);
    conditional = List.copyOf(conditional);
  }

  /**
   * Something that turns on the request.
   *
   * @param missing the attributes that the context lacks, sorted; without those that cannot be
   *     named
   */
  public record Conditional(String name, List<String> missing) {
    /** Copies the list. */
    public Conditional {
      missing = List.copyOf(missing);
    }
  }
}
