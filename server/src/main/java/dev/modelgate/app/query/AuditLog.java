package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
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

/**
 * Lists the change log of an organization: who changed what, when and why. It is the log itself, so
 * that it has every commit and nothing else. Thread-safe; blocks for reads.
 */
public final class AuditLog {
  /** The most change sets read for one page. */
  static final int READ_MAX = 1_000;

  /** The most bytes of change sets read for one page, one change set apart. */
  static final long READ_BYTES_MAX = 4L << 20;

  /** The most changes shown of one change set; the row that reaches it is shown as a whole. */
  static final int CHANGES_MAX = 100;

  /** The most changes on one page, one change set apart. */
  static final int PAGE_CHANGES_MAX = 1_000;

  private final Reader reader;
  private final Replica replica;

  AuditLog(Reader reader, Replica replica) {
    this.reader = reader;
    this.replica = replica;
  }

  /** The versions that a listing goes over, both inclusive; none when the first is greater. */
  private record Range(long first, long last) {}

  /**
   * A page of the log; for administrators, and for whoever may read the grants of the resource that
   * is filtered by, as far as it concerns resources whose grants he may read.
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
          PageScope scope = PageScope.of(reading.org(), "ListAuditEvents", filter.parameters());
          Optional<Long> at = scope.position(page.token()).map(ByteReader::varint);
          Range range = range(reading, filter);
          long begin =
              filter.oldestFirst()
                  ? Math.max(range.first(), at.orElse(0L))
                  : Math.min(range.last(), at.orElse(Long.MAX_VALUE));
          return page(state, reading, filter, sight, scope, page.size(), range, begin);
        });
  }

  private Page<AuditEntry> page(
      Published state,
      Reading reading,
      AuditFilter filter,
      AuditSight sight,
      PageScope scope,
      int size,
      Range range,
      long begin) {
    ChangeNaming naming = new ChangeNaming(state, reading);
    List<AuditEntry> items = new ArrayList<>();
    long bytes = 0;
    int changes = 0;
    int read = 0;
    int step = filter.oldestFirst() ? 1 : -1;
    for (long version = begin; version >= range.first() && version <= range.last(); ) {
      if (items.size() == size
          || read == READ_MAX
          || bytes >= READ_BYTES_MAX
          || changes >= PAGE_CHANGES_MAX) {
        return new Page<>(items, scope.token(new ByteWriter(9).varint(version).toBytes()));
      }
      Optional<LogRecord> record = replica.read(reading.org().uid(), version);
      read++;
      if (record.isPresent()) {
        bytes += record.get().stored().length;
        ChangeSet changeSet = ChangeSetCodec.decode(record.get().stored());
        Optional<AuditEntry> entry = entry(naming, reading.names(), filter, sight, changeSet);
        changes += entry.map(found -> found.event().changes().size()).orElse(0);
        entry.ifPresent(items::add);
      }
      version += step;
    }
    return new Page<>(items, "");
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
          ? Optional.of(new AuditEntry(heading, 0, Set.of(AuditKind.SWEEP), List.of(), List.of()))
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
                List.copyOf(principals)))
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
