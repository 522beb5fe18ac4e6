package dev.modelgate.app.query;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.ProfileRow;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Opens exports: everything in an organization, at one moment. An export retains its state, and
 * with it disk space that the store would free, so that few may be open at a time. Thread-safe.
 */
public final class Exports {
  /** The most exports at a time on one node. */
  public static final int OPEN_MAX = 4;

  private static final byte[] EMPTY = {};
  private static final List<Table> COUNTED =
      List.of(
          Table.PRINCIPALS,
          Table.MEMBERS,
          Table.RESOURCES,
          Table.GRANTS,
          Table.TYPE_RIGHTS,
          Table.DENY_RULES,
          Table.SUSPENSIONS);

  private final Reader reader;
  private final Semaphore free = new Semaphore(OPEN_MAX);

  /** Exports of what a publication shows. */
  public Exports(Publication publication, MonotoneClock clock) {
    this.reader = new Reader(publication, clock);
  }

  /**
   * Opens an export; the caller closes it.
   *
   * @throws RefusedException NOT_FOUND, NOT_PERMITTED, ON_BEHALF_OF_INVALID, OVERLOADED when too
   *     many are open
   */
  public Export open(String organizationId, Requester requester) {
    if (!free.tryAcquire()) {
      throw new Refusal(
              Fault.OVERLOADED, "too many exports are open", "", Map.of("queue", "exports"))
          .asException();
    }
    Published state = reader.publication().retain();
    try {
      Reading reading = reader.open(state, organizationId, requester);
      reading.requireAdministrator();
      return new Export(state, reading, reader.nowMicros());
    } catch (RuntimeException e) {
      state.release();
      free.release();
      throw e;
    }
  }

  private static long count(Reading reading) {
    long rows = 0;
    for (Table table : COUNTED) {
      try (RowCursor cursor = reading.rows().view().scan(table, EMPTY, EMPTY)) {
        while (cursor.next()) {
          rows++;
        }
      }
    }
    return rows;
  }

  /** One open export. Used by one thread at a time; closing may come from any. */
  public final class Export implements AutoCloseable {
    private final Published state;
    private final OrganizationView organization;
    private final String profileDocument;
    private final long estimatedRecords;
    private final long openedAtMicros;
    private final ExportRecords records;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Export(Published state, Reading reading, long nowMicros) {
      this.state = state;
      this.organization = Organizations.view(reading);
      this.profileDocument =
          reading.rows().profile(organization.profileVersion()).map(ProfileRow::text).orElse("");
      this.estimatedRecords = count(reading);
      this.openedAtMicros = nowMicros;
      this.records = new ExportRecords(reading, nowMicros);
    }

    /** The organization, with the revision that all records are of. */
    public OrganizationView organization() {
      return organization;
    }

    /** The document of its profile. */
    public String profileDocument() {
      return profileDocument;
    }

    /** When it was opened. */
    public long openedAtMicros() {
      return openedAtMicros;
    }

    /** How many rows there are; a row of grants can be several records, or none when they ended. */
    public long estimatedRecords() {
      return estimatedRecords;
    }

    /**
     * The next records, at most {@value ExportRecords#BATCH_MAX}; empty at the end. Blocks for
     * reads.
     */
    public List<ExportRecord> next() {
      return records.next();
    }

    /** Lets the state go; may be called again. */
    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        state.release();
        free.release();
      }
    }
  }
}
