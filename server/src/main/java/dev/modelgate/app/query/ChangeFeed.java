package dev.modelgate.app.query;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Replica;
import dev.modelgate.store.Revision;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The changes of an organization, told in order and without a gap to whoever administers it.
 *
 * <p>A watcher pulls: it holds a version and nothing else, so that a slow one costs no memory. It
 * never sees a change before every reader does, for the published head bounds what it is told.
 * Thread-safe.
 */
public final class ChangeFeed {
  /** The most watches at a time on one node, by default. */
  public static final int WATCHES_MAX = 1_000;

  private final Reader reader;
  private final Replica replica;
  private final Semaphore free;

  /**
   * A feed.
   *
   * @param watchesMax how many may be open at a time
   */
  public ChangeFeed(Publication publication, Replica replica, MonotoneClock clock, int watchesMax) {
    this.reader = new Reader(publication, clock);
    this.replica = replica;
    this.free = new Semaphore(watchesMax);
  }

  /**
   * Begins a watch behind a revision.
   *
   * @param from the token of the last revision that the watcher has; empty for the newest
   * @param wake run, on the publishing thread, whenever there may be more; quick, must not throw
   * @throws RefusedException NOT_FOUND, NOT_PERMITTED, ON_BEHALF_OF_INVALID, REVISION_INVALID,
   *     REVISION_OTHER_LINEAGE (also for a revision whose followers are trimmed), REVISION_FUTURE,
   *     OVERLOADED when too many watches are open
   */
  public Watch<ChangeEvent> watch(
      String organizationId, String from, Requester requester, Runnable wake) {
    return watch(
        organizationId,
        "from_revision",
        from,
        requester,
        wake,
        (state, reading, changeSet) -> new ChangeNaming(state, reading).event(changeSet));
  }

  /**
   * Begins a watch that tells something else of each change set.
   *
   * @param field the field of the request that {@code from} stands in
   */
  <T> Watch<T> watch(
      String organizationId,
      String field,
      String from,
      Requester requester,
      Runnable wake,
      Teller<T> teller) {
    if (!free.tryAcquire()) {
      throw new Refusal(
              Fault.OVERLOADED, "too many watches are open", "", Map.of("queue", "watches"))
          .asException();
    }
    try {
      long version =
          reader.read(
              organizationId,
              requester,
              reading -> {
                reading.requireAdministrator();
                return startOf(reading.org(), field, from);
              });
      return new Watch<>(organizationId, field, requester, version, wake, teller);
    } catch (RuntimeException e) {
      free.release();
      throw e;
    }
  }

  private long startOf(OrgState org, String field, String from) {
    if (from.isEmpty()) {
      return org.head().version();
    }
    Revision revision =
        Revision.parse(from)
            .orElseThrow(
                () ->
                    refused(
                        Fault.REVISION_INVALID, field, from, "a revision of an earlier answer"));
    if (revision.lineage() != org.revision().lineage() || !revision.org().equals(org.uid())) {
      throw refused(Fault.REVISION_OTHER_LINEAGE, field, from, "a revision of this history");
    }
    if (revision.version() > org.head().version()) {
      throw refused(Fault.REVISION_FUTURE, field, from, "a revision that this store has reached");
    }
    if (revision.version() < org.head().version()
        && replica.read(org.uid(), revision.version() + 1).isEmpty()) {
      throw trimmed(field, from);
    }
    return revision.version();
  }

  private static RefusedException trimmed(String field, String from) {
    return refused(
        Fault.REVISION_OTHER_LINEAGE, field, from, "a revision of the history that is still kept");
  }

  private static RefusedException refused(Fault fault, String field, String from, String expected) {
    return Refusal.ofField(fault, field, from, expected).asException();
  }

  /** What a watch tells of a change set, in a state that has it. */
  interface Teller<T> {
    T tell(Published state, Reading reading, ChangeSet changeSet);
  }

  /**
   * One watcher's place in the feed. Not for use by several threads at a time.
   *
   * @param <T> what is told of each change set
   */
  public final class Watch<T> implements AutoCloseable {
    private final String organizationId;
    private final String field;
    private final Requester requester;
    private final Teller<T> teller;
    private final AutoCloseable registration;
    private long version;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Watch(
        String organizationId,
        String field,
        Requester requester,
        long version,
        Runnable wake,
        Teller<T> teller) {
      this.organizationId = organizationId;
      this.field = field;
      this.requester = requester;
      this.version = version;
      this.teller = teller;
      this.registration = reader.publication().onChange(organizationId, wake);
    }

    /** The token of the revision up to which everything was told. */
    public String revision() {
      OrgState org = org(reader.publication().current());
      return new Revision(org.revision().lineage(), org.uid(), version).token();
    }

    /**
     * The next change set; empty when all that is published was told. Blocks for reads.
     *
     * @throws RefusedException NOT_PERMITTED or ON_BEHALF_OF_INVALID from the moment at which the
     *     watcher lost his right, REVISION_OTHER_LINEAGE when he fell behind what is kept
     * @throws dev.modelgate.store.StoreException when the log cannot be read
     */
    public Optional<T> next() {
      if (org(reader.publication().current()).head().version() <= version) {
        return Optional.empty();
      }
      return Optional.of(reader.readAll(this::next));
    }

    /**
     * Refuses a watcher who has lost his right.
     *
     * @throws RefusedException NOT_PERMITTED or ON_BEHALF_OF_INVALID
     */
    void requireAllowed() {
      reader.<Boolean>readAll(
          state -> {
            allowed(state);
            return true;
          });
    }

    private Reading allowed(Published state) {
      Reading reading = reader.open(state, organizationId, requester);
      reading.requireAdministrator();
      return reading;
    }

    private T next(Published state) {
      Reading reading = allowed(state);
      LogRecord record =
          replica.read(reading.org().uid(), version + 1).orElseThrow(() -> trimmed(field, ""));
      T said = teller.tell(state, reading, ChangeSetCodec.decode(record.stored()));
      version++;
      return said;
    }

    private OrgState org(Published state) {
      return state
          .organization(organizationId)
          .orElseThrow(() -> Reading.notFound("organizations/" + organizationId));
    }

    /** Ends the watch; may be called again, and from any thread. */
    @Override
    public void close() {
      if (!closed.compareAndSet(false, true)) {
        return;
      }
      free.release();
      try {
        registration.close();
      } catch (Exception e) {
        throw new IllegalStateException("a watch could not be unregistered", e);
      }
    }
  }
}
