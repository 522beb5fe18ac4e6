package dev.modelgate.app.query;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.decision.Access;
import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Fills one page of a lookup, with a bound on the rows looked at; {@link Continuation} knows
 * whether all pages together are exact. A position is the uid of the last row, fixed64.
 *
 * <p>Not for use by several threads.
 */
final class LookupWalk {
  private final OrgState org;
  private final Continuation<Uid> continuation;
  private final int size;
  private final int rowsMax;
  private final long nowMicros;
  private final List<String> allowed = new ArrayList<>();
  private final List<LookupPage.Conditional> conditional = new ArrayList<>();
  private int rows;
  private Uid last = Uid.NONE;
  private boolean more;

  /**
   * Begins a page, or goes on where a token says.
   *
   * @param rowsMax the most rows that the page looks at
   * @throws dev.modelgate.model.RefusedException PAGE_TOKEN_INVALID
   */
  LookupWalk(OrgState org, PageScope scope, PageRequest page, int rowsMax, long nowMicros) {
    this.org = org;
    this.size = page.size();
    this.rowsMax = rowsMax;
    this.nowMicros = nowMicros;
    this.continuation =
        new Continuation<>(org, scope, page.token(), nowMicros, in -> new Uid(in.fixed64()));
  }

  /** The last row of the page before; empty for the first page. */
  Optional<Uid> resumed() {
    return continuation.position();
  }

  /**
   * Asks for room for one more row; false when the page ends before it.
   *
   * @param row its uid
   */
  boolean take(Uid row) {
    if (allowed.size() + conditional.size() >= size || rows >= rowsMax) {
      more = true;
      return false;
    }
    rows++;
    last = row;
    return true;
  }

  /** Notes how long a decision holds, whatever it says. */
  void decided(Access access, Access.Outcome outcome) {
    continuation.holdsUntil(outcome.usesTime() ? nowMicros : access.untilMicros());
  }

  /** Puts the row that was taken last on the page, if Check does not deny it. */
  void show(String name, Access.Outcome outcome) {
    if (outcome.allowed()) {
      allowed.add(name);
    } else if (!outcome.missing().isEmpty()) {
      List<String> missing =
          outcome.missing().stream().filter(attribute -> !attribute.isEmpty()).sorted().toList();
      conditional.add(new LookupPage.Conditional(name, missing));
    }
  }

  /** Leaves out what the requester may not know of; the listing is not exact then. */
  void withhold() {
    continuation.withhold();
  }

  /** The page. */
  LookupPage page() {
    return new LookupPage(
        allowed,
        conditional,
        more ? continuation.token(new ByteWriter(8).fixed64(last.value())) : "",
        continuation.isExact() && !more,
        org.token(),
        continuation.untilMicros());
  }
}
