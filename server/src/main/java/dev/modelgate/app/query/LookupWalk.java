package dev.modelgate.app.query;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.decision.Access;
import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Micros;
import dev.modelgate.store.UndecodableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Fills one page of a lookup, with a bound on the rows looked at, and knows whether all pages
 * together are exact.
 *
 * <p>Every page is decided in the newest state at its own time, so that none shows what has ended;
 * a page is exact at the revision that it names. When the organization has moved on since the first
 * page, or the earliest time at which an earlier page could be another has passed, the listing goes
 * on behind the same position, but its end is not {@code complete}: pages of two revisions may
 * together be what no revision says. The token therefore carries the version of the first page and
 * that time.
 *
 * <p>A row is named by its uid: a token can be read by whoever gets it, and the last row looked at
 * may be one that he may not know of.
 *
 * <pre>
 *   position = varint version | fixed64 valid until | fixed8 exact so far | fixed64 uid of the last row
 * </pre>
 *
 * <p>Not for use by several threads.
 */
final class LookupWalk {
  private final OrgState org;
  private final PageScope scope;
  private final int size;
  private final int rowsMax;
  private final long nowMicros;
  private final Optional<Uid> resumed;
  private final long version;
  private final List<String> allowed = new ArrayList<>();
  private final List<LookupPage.Conditional> conditional = new ArrayList<>();
  private long untilMicros;
  private boolean exact;
  private int rows;
  private Uid last = Uid.NONE;
  private boolean more;

  private record Start(long version, long untilMicros, boolean exact, Uid behind) {}

  /**
   * Begins a page, or goes on where a token says.
   *
   * @param rowsMax the most rows that the page looks at
   * @throws dev.modelgate.model.RefusedException PAGE_TOKEN_INVALID
   */
  LookupWalk(OrgState org, PageScope scope, PageRequest page, int rowsMax, long nowMicros) {
    this.org = org;
    this.scope = scope;
    this.size = page.size();
    this.rowsMax = rowsMax;
    this.nowMicros = nowMicros;
    Optional<Start> start = scope.position(page.token()).map(LookupWalk::start);
    long head = org.head().version();
    this.resumed = start.map(Start::behind);
    this.version = start.map(Start::version).orElse(head);
    long until = start.map(Start::untilMicros).orElse(Micros.NEVER);
    this.exact = start.map(Start::exact).orElse(true) && version == head && nowMicros < until;
    this.untilMicros = exact ? until : Micros.NEVER;
  }

  /** The last row of the page before; empty for the first page. */
  Optional<Uid> resumed() {
    return resumed;
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
    untilMicros = Math.min(untilMicros, outcome.usesTime() ? nowMicros : access.untilMicros());
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
    exact = false;
  }

  /** The page. */
  LookupPage page() {
    ByteWriter position =
        new ByteWriter(64)
            .varint(version)
            .fixed64(untilMicros)
            .fixed8(exact ? 1 : 0)
            .fixed64(last.value());
    return new LookupPage(
        allowed,
        conditional,
        more ? scope.token(position.toBytes()) : "",
        exact && !more,
        org.token(),
        untilMicros);
  }

  /** Whoever computes a token himself can put anything there. */
  private static Start start(ByteReader in) {
    try {
      Start start = new Start(in.varint(), in.fixed64(), in.fixed8() == 1, new Uid(in.fixed64()));
      in.end();
      return start;
    } catch (UndecodableException | IllegalArgumentException e) {
      throw PageScope.invalid();
    }
  }
}
