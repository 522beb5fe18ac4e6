package dev.modelgate.app.query;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.RefusedException;
import java.util.function.Function;

/**
 * Opens one organization of the newest state for one requester. Thread-safe; reads block for the
 * disk.
 */
final class Reader {
  private final Publication publication;
  private final MonotoneClock clock;

  Reader(Publication publication, MonotoneClock clock) {
    this.publication = publication;
    this.clock = clock;
  }

  /**
   * Runs a query in one state.
   *
   * @throws RefusedException as {@link Reading#of}, and as the query
   */
  <T> T read(String organizationId, Requester requester, Function<Reading, T> query) {
    return publication.retained(state -> query.apply(open(state, organizationId, requester)));
  }

  /** Opens an organization in a state that the caller retains. */
  Reading open(Published state, String organizationId, Requester requester) {
    return Reading.of(state, organizationId, requester, nowMicros());
  }

  /** Runs a query that concerns no single organization. */
  <T> T readAll(Function<Published, T> query) {
    return publication.retained(query);
  }

  long nowMicros() {
    return clock.nowMicros();
  }

  Publication publication() {
    return publication;
  }
}
