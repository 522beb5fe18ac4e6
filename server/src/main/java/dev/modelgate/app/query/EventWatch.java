package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Table;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.NoticeRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A watcher's place among the events of an organization. Events are read from the change sets and
 * from nothing else: their rows of {@link Table#NOTICES} say of which grants they tell, in the
 * order of the stored bytes, so that every watch from one place tells the same. Not for use by
 * several threads at a time, {@link #close} apart.
 */
public final class EventWatch implements AutoCloseable {
  /** The most change sets read for one message. */
  static final int READ_MAX = 256;

  private static final String FIELD = "from_cursor";

  private final ChangeFeed.Watch<List<ShareEvent>> log;
  private final Deque<ShareEvent> pending = new ArrayDeque<>();

  /** Behind which revision the pending events are. */
  private String behind;

  /** How many events of the next change set were told. */
  private int told;

  /**
   * A step of a watch.
   *
   * @param cursor everything up to here was told
   * @param event what was told last; empty when only the log was read on
   */
  public record Told(String cursor, Optional<ShareEvent> event) {}

  private EventWatch(ChangeFeed.Watch<List<ShareEvent>> log, int told) {
    this.log = log;
    this.behind = log.revision();
    this.told = told;
  }

  /**
   * Begins a watch behind a cursor.
   *
   * @param from the cursor of an earlier watch or a revision's token; empty for the newest
   * @param wake run, on the publishing thread, whenever there may be more; quick, must not throw
   * @throws RefusedException as {@link ChangeFeed#watch}
   */
  public static EventWatch begin(
      ChangeFeed feed, String organizationId, String from, Requester requester, Runnable wake) {
    EventCursor cursor =
        from.isEmpty()
            ? new EventCursor("", 0)
            : EventCursor.parse(from)
                .orElseThrow(
                    () ->
                        Refusal.ofField(
                                Fault.REVISION_INVALID, FIELD, from, "a cursor or a revision")
                            .asException());
    ChangeFeed.Watch<List<ShareEvent>> log =
        feed.watch(organizationId, FIELD, cursor.revision(), requester, wake, EventWatch::eventsOf);
    return new EventWatch(log, cursor.told());
  }

  /** Where the watch is. */
  public String cursor() {
    return new EventCursor(behind, told).token();
  }

  /**
   * The next step; empty when all that is published was told. Blocks for reads.
   *
   * @throws RefusedException as {@link ChangeFeed.Watch#next}
   * @throws dev.modelgate.store.StoreException when the log cannot be read
   */
  public Optional<Told> next() {
    for (int read = 0; pending.isEmpty(); read++) {
      if (read == READ_MAX) {
        return Optional.of(new Told(cursor(), Optional.empty()));
      }
      Optional<List<ShareEvent>> events = log.next();
      if (events.isEmpty()) {
        return Optional.empty();
      }
      events.get().stream().skip(told).forEach(pending::add);
      if (pending.isEmpty()) {
        pass();
      }
    }
    // The watcher may have lost his right since the change set was read.
    log.requireAllowed();
    ShareEvent event = pending.remove();
    told++;
    if (pending.isEmpty()) {
      pass();
    }
    return Optional.of(new Told(cursor(), Optional.of(event)));
  }

  private void pass() {
    behind = log.revision();
    told = 0;
  }

  private static List<ShareEvent> eventsOf(Published state, Reading reading, ChangeSet changeSet) {
    List<ShareEvent> events = new ArrayList<>();
    ChangeEvent change = new ChangeNaming(state, reading).heading(changeSet);
    for (Mutation mutation : changeSet.mutations()) {
      if (mutation.table() == Table.NOTICES && mutation instanceof Mutation.Put put) {
        GrantRow row = grants(changeSet, put.key());
        for (int index : NoticeRow.decode(put.key(), put.value()).indexes()) {
          if (index >= row.grants().size()) {
            throw new UndecodableException("a notice of a grant that its change set does not have");
          }
          GrantView grant = reading.views().grant(row, row.grants().get(index));
          events.add(event(change, grant));
        }
      }
    }
    return events;
  }

  private static ShareEvent event(ChangeEvent change, GrantView grant) {
    return new ShareEvent(
        change.revision(),
        change.actor(),
        change.onBehalfOf(),
        change.at(),
        change.requestId(),
        grant);
  }

  private static GrantRow grants(ChangeSet changeSet, byte[] key) {
    for (Mutation mutation : changeSet.mutations()) {
      if (mutation.table() == Table.GRANTS
          && mutation instanceof Mutation.Put put
          && Arrays.equals(put.key(), key)) {
        return GrantRow.decode(key, put.value());
      }
    }
    throw new UndecodableException("a notice of a grant that its change set does not have");
  }

  /** Ends the watch; may be called again, and from any thread. */
  @Override
  public void close() {
    log.close();
  }
}
