package dev.modelgate.app.query;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Micros;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a listing of decisions carries from page to page, to know whether all pages together are
 * exact.
 *
 * <p>Every page is decided in the newest state at its own time, so that none shows what has ended;
 * a page is exact at the revision that it names. When the organization has moved on since the first
 * page, or the earliest time at which an earlier page could be another has passed, the listing goes
 * on behind the same position, but its end is not {@code complete}: pages of two revisions may
 * together be what no revision says. The token therefore carries the version of the first page and
 * that time.
 *
 * <p>A position names rows by their uids: a token can be read by whoever gets it, and the last row
 * looked at may be one that he may not know of.
 *
 * <pre>
 *   varint version | fixed64 valid until | fixed8 exact so far | position
 * </pre>
 *
 * <p>Not for use by several threads.
 *
 * @param <P> a position
 */
final class Continuation<P> {
  private final PageScope scope;
  private final Optional<P> position;
  private final long version;
  private long untilMicros;
  private boolean exact;

  private record Start<P>(long version, long untilMicros, boolean exact, P position) {}

  /**
   * Begins a listing, or goes on where a token says.
   *
   * @param token of the page before; empty for the first
   * @param reader reads a position; whatever it does not take is refused
   * @throws dev.modelgate.model.RefusedException PAGE_TOKEN_INVALID
   */
  Continuation(
      OrgState org, PageScope scope, String token, long nowMicros, Function<ByteReader, P> reader) {
    this.scope = scope;
    Optional<Start<P>> start = scope.position(token, in -> start(in, reader));
    long head = org.head().version();
    this.position = start.map(Start::position);
    this.version = start.map(Start::version).orElse(head);
    long until = start.map(Start::untilMicros).orElse(Micros.NEVER);
    this.exact = start.map(Start::exact).orElse(true) && version == head && nowMicros < until;
    this.untilMicros = exact ? until : Micros.NEVER;
  }

  /** Where the page before ended; empty for the first page. */
  Optional<P> position() {
    return position;
  }

  /** Notes a time from which on this page could be another with no change made. */
  void holdsUntil(long micros) {
    untilMicros = Math.min(untilMicros, micros);
  }

  /** Something is left out; the listing is not exact then. */
  void withhold() {
    exact = false;
  }

  /** Whether all pages so far are exact together. */
  boolean isExact() {
    return exact;
  }

  /** The earliest time noted on this page, or on one before it that it goes with. */
  long untilMicros() {
    return untilMicros;
  }

  /** The token that goes on behind a position. */
  String token(ByteWriter behind) {
    return scope.token(
        new ByteWriter(64)
            .varint(version)
            .fixed64(untilMicros)
            .fixed8(exact ? 1 : 0)
            .raw(behind.toBytes())
            .toBytes());
  }

  private static <P> Start<P> start(ByteReader in, Function<ByteReader, P> reader) {
    return new Start<>(in.varint(), in.fixed64(), in.fixed8() == 1, reader.apply(in));
  }
}
