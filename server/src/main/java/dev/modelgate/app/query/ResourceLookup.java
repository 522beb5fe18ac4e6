package dev.modelgate.app.query;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.Subject;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Verb;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceUidRow;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * One page of the resources on which a principal may do something, by path. Each is decided by the
 * gathering and the decision of a check.
 */
final class ResourceLookup {
  private static final byte[] EMPTY = {};

  private final Reading reading;
  private final ConditionLanguage language;
  private final ResourceQuery query;
  private final long nowMicros;
  private final LookupWalk walk;
  private final Verb needed;
  private final Optional<Kind> kind;
  private final boolean showsAll;
  private final String root;

  /**
   * Begins a page.
   *
   * @param needed what the action needs
   * @param kind the kind that is wanted; empty for all
   */
  ResourceLookup(
      Reading reading,
      ConditionLanguage language,
      ResourceQuery query,
      Verb needed,
      Optional<Kind> kind,
      LookupWalk walk,
      long nowMicros) {
    this.reading = reading;
    this.language = language;
    this.query = query;
    this.needed = needed;
    this.kind = kind;
    this.walk = walk;
    this.nowMicros = nowMicros;
    this.showsAll = reading.isActor(query.principal()) || reading.isAdministrator();
    this.root = ResourceName.ofOrganization(query.parent().organizationId()).text() + "/";
  }

  LookupPage page() {
    Subject subject =
        new Gathering(reading.org(), reading.rows(), new Dependencies(Uid.NONE))
            .subject(query.principal());
    boolean nothing =
        reading.isSuspended() || subject.suspended() || subject.state() != Facts.Caller.ACTIVE;
    if (!nothing) {
      ResourceCandidates candidates =
          ResourceCandidates.of(reading, subject.accounts(), query.parent(), kind);
      walk(subject, candidates);
    }
    return walk.page();
  }

  private void walk(Subject subject, ResourceCandidates candidates) {
    RememberedRows rows = new RememberedRows(reading.rows(), candidates.grantedTo());
    byte[] behind = walk.resumed().map(this::behind).orElse(EMPTY);
    for (PathSpan span : candidates.spans()) {
      if (!span.isBefore(behind) && !walk(subject, rows, span, behind)) {
        return;
      }
    }
  }

  /** Looks at a span from a path on; false when the page ended in it. */
  private boolean walk(Subject subject, RememberedRows rows, PathSpan span, byte[] behind) {
    if (span.single()) {
      String path = new String(span.prefix(), StandardCharsets.UTF_8);
      Optional<ResourceRow> row = reading.rows().resource(path);
      return row.isEmpty() || look(subject, rows, row.get());
    }
    byte[] from = Arrays.compareUnsigned(span.from(), behind) < 0 ? behind : span.from();
    try (RowCursor cursor = reading.rows().view().scan(Table.RESOURCES, span.prefix(), from)) {
      while (cursor.next()) {
        if (!look(subject, rows, ResourceRow.decode(cursor.value()))) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean look(Subject subject, RememberedRows rows, ResourceRow row) {
    if (!walk.take(row.uid())) {
      return false;
    }
    rows.standOn(row);
    look(subject, rows, ResourceName.parse(root + row.path()));
    return true;
  }

  /** A resource in a place that the profile no longer knows is one that no check answers about. */
  private void look(Subject subject, RememberedRows rows, ResourceName name) {
    Optional<Kind> own = reading.org().profile().kindOf(name);
    if (own.isEmpty() || kind.isPresent() && !own.get().name().equals(kind.get().name())) {
      return;
    }
    Facts facts =
        new Gathering(reading.org(), reading.rows(), rows, new Dependencies(Uid.NONE))
            .gather(subject, name);
    Access access = Decider.decide(facts, nowMicros);
    Access.Outcome outcome = access.outcome(needed.on(own.get()), conditions(access, name));
    walk.decided(access, outcome);
    if (!outcome.reason().isEmpty()) {
      return;
    }
    if (showsAll || reading.may(name, Operation.READ_GRANTS)) {
      walk.show(name.text(), outcome);
    } else {
      walk.withhold();
    }
  }

  private Conditions conditions(Access access, ResourceName name) {
    return access.bounds().conditionals().isEmpty()
        ? Conditions.UNKNOWN
        : language.at(
            new ConditionLanguage.Request(
                query.principal().toString(),
                name.text(),
                nowMicros,
                query.context().attributes()));
  }

  /** The first path behind that of a resource, which may be deleted meanwhile. */
  private byte[] behind(Uid last) {
    String path =
        reading.rows().resourcePath(last).map(ResourceUidRow::path).orElseThrow(PageScope::invalid);
    return (path + "\0").getBytes(StandardCharsets.UTF_8);
  }
}
