package dev.modelgate.app.query;

import dev.modelgate.app.state.Published;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Replica;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The change sets of an organization on the way of one page of the audit. For one thread. */
final class AuditLogLane {
  /** The most change sets read for one page. */
  static final int READ_MAX = 1_000;

  /** The most bytes of change sets read for one page, one change set apart. */
  static final long READ_BYTES_MAX = 4L << 20;

  /** The most changes shown of one change set; the row that reaches it is shown as a whole. */
  static final int CHANGES_MAX = 100;

  /** The most changes on one page, one change set apart. */
  static final int PAGE_CHANGES_MAX = 1_000;

  private final Replica replica;
  private final Reading reading;
  private final AuditFilter filter;
  private final AuditSight sight;
  private final ChangeNaming naming;
  private final Range range;
  private long version;
  private long bytes;
  private int changes;
  private int read;
  private Optional<AuditEntry> next = Optional.empty();

  /** The versions that a listing goes over, both inclusive; none when the first is greater. */
  private record Range(long first, long last) {}

  /**
   * The change sets of a listing.
   *
   * @param position as {@link #position} said; empty to begin
   */
  AuditLogLane(
      Replica replica,
      Published state,
      Reading reading,
      AuditFilter filter,
      AuditSight sight,
      Optional<Long> position) {
    this.replica = replica;
    this.reading = reading;
    this.filter = filter;
    this.sight = sight;
    this.naming = new ChangeNaming(state, reading);
    this.range = range(reading, filter);
    long begin = filter.oldestFirst() ? range.first() : range.last();
    long at = position.orElse(begin);
    this.version =
        at == 0
            ? range.last() + 1
            : filter.oldestFirst() ? Math.max(begin, at) : Math.min(begin, at);
  }

  /**
   * The next change set that is listed; empty when there is none, or when enough was read: {@link
   * #isStopped} tells which.
   */
  Optional<AuditEntry> peek() {
    while (next.isEmpty() && isWithin() && !isStopped()) {
      Optional<LogRecord> record = replica.read(reading.org().uid(), version);
      read++;
      if (record.isPresent()) {
        bytes += record.get().stored().length;
        ChangeSet changeSet = ChangeSetCodec.decode(record.get().stored());
        next = entry(naming, reading.names(), filter, sight, changeSet);
        changes += next.map(found -> found.event().changes().size()).orElse(0);
      }
      if (next.isEmpty()) {
        skip();
      }
    }
    return next;
  }

  /** Leaves the change set behind that {@link #peek} answered. */
  void skip() {
    next = Optional.empty();
    version += filter.oldestFirst() ? 1 : -1;
  }

  /** Whether there may be more, but not on this page. */
  boolean isStopped() {
    return next.isEmpty()
        && isWithin()
        && (read >= READ_MAX || bytes >= READ_BYTES_MAX || changes >= PAGE_CHANGES_MAX);
  }

  /** Where to go on; 0 when there is nothing more. */
  long position() {
    return isWithin() ? version : 0;
  }

  private boolean isWithin() {
    return version >= range.first() && version <= range.last();
  }

  /** What of a change set is listed; empty for nothing. */
  private static Optional<AuditEntry> entry(
      ChangeNaming naming, Names names, AuditFilter filter, AuditSight sight, ChangeSet changeSet) {
    ChangeEvent heading = naming.heading(changeSet);
    boolean admitted =
        filter.actor().isEmpty()
            || filter.actor().equals(heading.actor())
            || filter.actor().equals(heading.onBehalfOf());
    if (!admitted) {
      return Optional.empty();
    }
    if (changeSet.actor().equals(Actor.SWEEPER)) {
      AuditSubject swept = new AuditSubject(AuditKind.SWEEP, Optional.empty(), Uid.NONE, List.of());
      return filter.admits(swept) && sight.sees(swept)
          ? Optional.of(
              new AuditEntry(
                  heading, 0, Set.of(AuditKind.SWEEP), List.of(), List.of(), Optional.empty()))
          : Optional.empty();
    }
    Set<AuditKind> kinds = EnumSet.noneOf(AuditKind.class);
    Set<String> resources = new LinkedHashSet<>();
    Set<String> principals = new LinkedHashSet<>();
    List<Change> shown = new ArrayList<>();
    int count = 0;
    for (Mutation mutation : changeSet.mutations()) {
      Optional<AuditSubject> subject =
          AuditSubject.of(names, mutation).filter(filter::admits).filter(sight::sees);
      if (subject.isPresent()) {
        List<Change> told = new ArrayList<>();
        naming.tell(mutation, heading.revision(), told);
        count += told.size();
        if (shown.size() < CHANGES_MAX) {
          shown.addAll(told);
          subject.get().resource().ifPresent(name -> resources.add(name.text()));
          principals.addAll(subject.get().principals());
        }
        kinds.add(subject.get().kind());
      }
    }
    return count > 0 || filter.admitsAll()
        ? Optional.of(
            new AuditEntry(
                with(heading, shown),
                count,
                kinds,
                List.copyOf(resources),
                List.copyOf(principals),
                Optional.empty()))
        : Optional.empty();
  }

  private static ChangeEvent with(ChangeEvent heading, List<Change> changes) {
    return new ChangeEvent(
        heading.revision(),
        heading.actor(),
        heading.onBehalfOf(),
        heading.at(),
        heading.reason(),
        heading.requestId(),
        changes);
  }

  /** What is kept of the log in the time that is asked for; times never decrease in a log. */
  private Range range(Reading reading, AuditFilter filter) {
    Uid org = reading.org().uid();
    long head = reading.org().head().version();
    long first =
        firstVersion(
            1,
            head,
            version -> at(org, version).filter(at -> at >= filter.fromMicros()).isPresent());
    long end =
        firstVersion(
            first,
            head,
            version -> at(org, version).filter(at -> at >= filter.untilMicros()).isPresent());
    return new Range(first, end - 1);
  }

  /**
   * The least version from {@code low} on that passes, as all after it do; {@code high + 1} for
   * none.
   */
  private static long firstVersion(long low, long high, Predicate<Long> passes) {
    long from = low;
    long end = high + 1;
    while (from < end) {
      long middle = from + (end - from) / 2;
      if (passes.test(middle)) {
        end = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }

  private Optional<Long> at(Uid org, long version) {
    return replica
        .read(org, version)
        .map(record -> Micros.of(ChangeSetCodec.decode(record.stored()).at()));
  }
}
