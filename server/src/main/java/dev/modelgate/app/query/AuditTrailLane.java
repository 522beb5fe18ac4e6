package dev.modelgate.app.query;

import dev.modelgate.app.audit.TrailEntry;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailLog;
import dev.modelgate.store.Actor;
import dev.modelgate.store.Micros;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The events of the trail on the way of one page: those of the organization, for its
 * administrators; in {@code system} those of all, for the system administrator. For one thread.
 */
final class AuditTrailLane {
  /** The most parts of the trail that are read for one page. */
  static final int PARTS_MAX = 4;

  private static final String SYSTEM = "system";
  private static final String BOOTSTRAP = Actor.SYSTEM_ADMINISTRATOR.credential();

  private final TrailLog log;
  private final AuditFilter filter;
  private final String organization;
  private final long first;
  private final long end;
  private List<TrailEntry> part = List.of();
  private int index;
  private int parts;
  private long position;

  /**
   * The events of a listing.
   *
   * @param organization its id
   * @param position as {@link #position} said; empty to begin
   */
  AuditTrailLane(TrailLog log, AuditFilter filter, String organization, Optional<Long> position) {
    this.log = log;
    this.filter = filter;
    this.organization = organization;
    this.first = filter.fromMicros() == 0 ? 1 : log.firstSince(filter.fromMicros());
    this.end =
        filter.untilMicros() == Micros.NEVER
            ? Long.MAX_VALUE
            : log.firstSince(filter.untilMicros());
    long at = position.orElse(filter.oldestFirst() ? first : end - 1);
    this.position = at == 0 ? end : at;
  }

  /**
   * The next event that is listed; empty when there is none, or when enough was read: {@link
   * #isStopped} tells which.
   */
  Optional<AuditEntry> peek() {
    while (isWithin()) {
      if (index == part.size()) {
        if (parts == PARTS_MAX) {
          return Optional.empty();
        }
        part = log.read(position, filter.oldestFirst());
        index = 0;
        parts++;
        if (part.isEmpty()) {
          position = filter.oldestFirst() ? end : first - 1;
          return Optional.empty();
        }
      }
      TrailEntry entry = part.get(index);
      position = entry.sequence();
      if (isWithin() && isOfOrganization(entry.event()) && filter.admits(entry.event())) {
        return Optional.of(entry(entry));
      }
      skip();
    }
    return Optional.empty();
  }

  /** Leaves the event behind that {@link #peek} answered. */
  void skip() {
    index++;
    position += filter.oldestFirst() ? 1 : -1;
  }

  /** Whether there may be more, but not on this page. */
  boolean isStopped() {
    return parts == PARTS_MAX && index == part.size() && isWithin();
  }

  /** Where to go on; 0 when there is nothing more. */
  long position() {
    return isWithin() ? position : 0;
  }

  private boolean isWithin() {
    return position >= first && position < end;
  }

  private boolean isOfOrganization(TrailEvent event) {
    return organization.equals(SYSTEM) || organization.equals(event.organization());
  }

  private static AuditEntry entry(TrailEntry entry) {
    TrailEvent event = entry.event();
    return new AuditEntry(
        new ChangeEvent(
            event.revision(),
            actor(event),
            event.onBehalfOf(),
            entry.time(),
            event.reason(),
            event.requestId(),
            List.of()),
        0,
        Set.of(kind(event.kind())),
        event.resource().isEmpty() ? List.of() : List.of(event.resource()),
        event.principals(),
        Optional.of(entry));
  }

  /** Who, as the log names him: {@code systemAdministrator}, or the credential. */
  static String actor(TrailEvent event) {
    return event.credential().equals(BOOTSTRAP) ? Names.SYSTEM_ADMINISTRATOR : event.credential();
  }

  static AuditKind kind(TrailEvent.Kind kind) {
    return switch (kind) {
      case REFUSAL -> AuditKind.REFUSAL;
      case LOGIN_FAILURE -> AuditKind.LOGIN_FAILURE;
      case CONFIGURATION -> AuditKind.CONFIGURATION;
      case EMERGENCY -> AuditKind.EMERGENCY;
      case TRAIL -> AuditKind.TRAIL;
    };
  }
}
