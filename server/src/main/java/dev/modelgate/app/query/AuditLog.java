package dev.modelgate.app.query;

import dev.modelgate.app.audit.TrailLog;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Replica;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lists the audit of an organization: who changed what, when and why, and who tried to. The first
 * is the change log itself, so that it has every commit and nothing else, the second the trail;
 * both come in the order of their times, as one. Thread-safe; blocks for reads.
 */
public final class AuditLog {
  private final Reader reader;
  private final Replica replica;
  private final TrailLog trail;

  AuditLog(Reader reader, Replica replica, TrailLog trail) {
    this.reader = reader;
    this.replica = replica;
    this.trail = trail;
  }

  /** Where a page begins in both. */
  private record Position(Optional<Long> log, Optional<Long> trail) {
    static final Position NONE = new Position(Optional.empty(), Optional.empty());

    static Position read(ByteReader in) {
      return new Position(Optional.of(in.varint()), Optional.of(in.varint()));
    }
  }

  /**
   * A page; for administrators, and for whoever may read the grants of the resource that is
   * filtered by, as far as it concerns resources whose grants he may read. The trail is for
   * administrators alone.
   *
   * @throws RefusedException NOT_FOUND, NOT_PERMITTED, PAGE_TOKEN_INVALID, ON_BEHALF_OF_INVALID
   */
  public Page<AuditEntry> list(
      String organizationId, AuditFilter filter, Requester requester, PageRequest page) {
    return reader.readAll(
        state -> {
          Reading reading = reader.open(state, organizationId, requester);
          AuditSight sight = new AuditSight(reading);
          sight.require(filter);
          PageScope scope = PageScope.of(reading.org(), "ListAudit", filter.parameters());
          Position begin = scope.position(page.token(), Position::read).orElse(Position.NONE);
          AuditLogLane log = new AuditLogLane(replica, state, reading, filter, sight, begin.log());
          AuditTrailLane events =
              new AuditTrailLane(
                  reading.isAdministrator() ? trail : TrailLog.NONE,
                  filter,
                  organizationId,
                  begin.trail());
          return page(log, events, filter.oldestFirst(), scope, page.size());
        });
  }

  /** Takes what is next of both until the page is full, or one of them does not know. */
  private static Page<AuditEntry> page(
      AuditLogLane log, AuditTrailLane trail, boolean oldestFirst, PageScope scope, int size) {
    List<AuditEntry> items = new ArrayList<>();
    while (true) {
      Optional<AuditEntry> change = log.peek();
      Optional<AuditEntry> event = trail.peek();
      boolean isLast = change.isEmpty() && event.isEmpty();
      if (log.isStopped() || trail.isStopped() || items.size() == size && !isLast) {
        byte[] next = new ByteWriter(18).varint(log.position()).varint(trail.position()).toBytes();
        return new Page<>(items, scope.token(next));
      }
      if (isLast) {
        return new Page<>(items, "");
      }
      if (event.isEmpty()
          || change.isPresent() && isFirst(change.get(), event.get(), oldestFirst)) {
        items.add(change.orElseThrow());
        log.skip();
      } else {
        items.add(event.get());
        trail.skip();
      }
    }
  }

  /** At the same time the change is the older one. */
  private static boolean isFirst(AuditEntry change, AuditEntry event, boolean oldestFirst) {
    boolean changeIsOlder = !change.at().isAfter(event.at());
    return changeIsOlder == oldestFirst;
  }
}
