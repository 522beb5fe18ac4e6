package dev.modelgate.app.query;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Subject;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceUidRow;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Fills one page of a preview: walks the affected principals by uid, and for each the affected
 * resources by path, with a bound on the pairs looked at and on the time that this takes.
 *
 * <p>Shows only resources whose grants the requester may read now, and himself: what lies elsewhere
 * is left out whatever it is, so that {@code complete} does not tell of it (hazard 35). A resource
 * that the mutation would make is read with the right to what is above it now.
 *
 * <p>A position is the uids of the last pair, fixed64 each; the resource's is none behind a
 * principal that is done. Not for use by several threads.
 */
final class PreviewWalk {
  /** The most pairs of a principal and a resource that one page looks at. */
  static final int PAIRS_MAX = 10_000;

  /** Behind this time a page ends with what it has, of at least one pair; in milliseconds. */
  static final long PAGE_MS_MAX = 1_000;

  private static final int READABLE_MAX = 4_096;
  private static final byte[] EMPTY = {};

  private final OrgState org;
  private final Optional<Reading> reading;
  private final Sides sides;
  private final AccessComparison comparison;
  private final Continuation<Position> continuation;
  private final PageRequest page;
  private final LongSupplier nanoTime;
  private final long beganNanos;
  private final List<AccessChange> changes = new ArrayList<>();
  private final Map<String, Boolean> readable = new HashMap<>();
  private int pairs;
  private Position last = new Position(Uid.NONE, Uid.NONE);
  private boolean more;

  /** The last pair that was looked at. */
  record Position(Uid principal, Uid resource) {
    static Position read(ByteReader in) {
      return new Position(new Uid(in.fixed64()), new Uid(in.fixed64()));
    }

    ByteWriter write() {
      return new ByteWriter(16).fixed64(principal.value()).fixed64(resource.value());
    }
  }

  /**
   * What is compared.
   *
   * @param root the organization
   * @param both rows of which each is on one of the sides
   */
  record Sides(ResourceName root, Side before, Side after, OrgRows both, Affected affected) {}

  /**
   * Begins a page, or goes on where its token says.
   *
   * @param org whose revision the page is of
   * @param reading what the requester may see; empty for the system administrator, who may see all
   * @param nanoTime a clock for the bound on the time
   */
  PreviewWalk(
      OrgState org,
      Optional<Reading> reading,
      Sides sides,
      AccessComparison comparison,
      Continuation<Position> continuation,
      PageRequest page,
      LongSupplier nanoTime) {
    this.org = org;
    this.reading = reading;
    this.sides = sides;
    this.comparison = comparison;
    this.continuation = continuation;
    this.page = page;
    this.nanoTime = nanoTime;
    this.beganNanos = nanoTime.getAsLong();
  }

  PreviewPage page() {
    Position behind = continuation.position().orElse(last);
    boolean within = !behind.resource().equals(Uid.NONE);
    Uid from = within ? behind.principal() : new Uid(behind.principal().value() + 1);
    byte[] begin = within ? behindPath(behind.resource()) : EMPTY;
    sides.affected().each(from, uid -> look(uid, uid.equals(from) ? begin : EMPTY));
    return new PreviewPage(
        changes,
        more ? continuation.token(last.write()) : "",
        continuation.isExact() && !more,
        org.token(),
        continuation.untilMicros());
  }

  /** Looks at one principal, from a path on; false when the page ended before or in it. */
  private boolean look(Uid uid, byte[] from) {
    Side before = sides.before();
    Side after = sides.after();
    boolean isThere = uid.isSet() || before.has(uid) || after.has(uid);
    Optional<PrincipalName> name = before.name(uid).or(() -> after.name(uid));
    if (!isThere || name.isEmpty()) {
      return true;
    }
    if (!take(uid, Uid.NONE)) {
      return false;
    }
    Pairing pairing =
        new Pairing(
            uid, name.get(), before.subject(name.get(), uid), after.subject(name.get(), uid));
    for (PathSpan span : sides.affected().spans(uid)) {
      if (!span.isBefore(from) && !walk(pairing, span, from)) {
        return false;
      }
    }
    last = new Position(uid, Uid.NONE);
    return true;
  }

  /** A principal and what is known of it on the two sides. */
  private record Pairing(
      Uid uid, PrincipalName name, Optional<Subject> before, Optional<Subject> after) {}

  private boolean walk(Pairing pairing, PathSpan span, byte[] behind) {
    if (span.single()) {
      String path = new String(span.prefix(), StandardCharsets.UTF_8);
      Optional<ResourceRow> row = sides.both().resource(path);
      return row.isEmpty() || look(pairing, row.get());
    }
    byte[] from = Arrays.compareUnsigned(span.from(), behind) < 0 ? behind : span.from();
    try (RowCursor cursor = sides.both().view().scan(Table.RESOURCES, span.prefix(), from)) {
      while (cursor.next()) {
        if (!look(pairing, ResourceRow.decode(cursor.value()))) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean look(Pairing pairing, ResourceRow row) {
    if (!take(pairing.uid(), row.uid())) {
      return false;
    }
    ResourceName root = sides.root();
    ResourceName name =
        row.path().isEmpty() ? root : ResourceName.parse(root.text() + "/" + row.path());
    if (!reveals(pairing.name(), name)) {
      continuation.withhold();
      return true;
    }
    sides.before().standOn(row.path());
    sides.after().standOn(row.path());
    AccessComparison.Found found =
        comparison.compare(
            pairing.name(),
            name,
            sides.before().sight(pairing.before(), name),
            sides.after().sight(pairing.after(), name));
    continuation.holdsUntil(found.untilMicros());
    if (!found.whole()) {
      continuation.withhold();
    }
    if (!found.periods().isEmpty()) {
      changes.add(new AccessChange(pairing.name().toString(), name.text(), found.periods()));
    }
    return true;
  }

  /** Asks for room for one more pair; false when the page ends before it. */
  private boolean take(Uid principal, Uid resource) {
    boolean late =
        pairs > 1 && nanoTime.getAsLong() - beganNanos > TimeUnit.MILLISECONDS.toNanos(PAGE_MS_MAX);
    if (changes.size() >= page.size() || pairs >= PAIRS_MAX || late) {
      more = true;
      return false;
    }
    pairs++;
    if (!resource.equals(Uid.NONE)) {
      last = new Position(principal, resource);
    }
    return true;
  }

  private boolean reveals(PrincipalName principal, ResourceName resource) {
    if (reading.isEmpty() || reading.get().isAdministrator() || reading.get().isActor(principal)) {
      return true;
    }
    if (readable.size() >= READABLE_MAX) {
      readable.clear();
    }
    return readable.computeIfAbsent(
        resource.text(), name -> reading.get().may(registered(resource), Operation.READ_GRANTS));
  }

  /** The nearest one at or above a resource that there is already. */
  private ResourceName registered(ResourceName resource) {
    ResourceName nearest = resource;
    while (nearest.hasParent()
        && sides.before().rows().resource(nearest.relativePath()).isEmpty()) {
      nearest = nearest.parent();
    }
    return nearest;
  }

  /** The first path behind that of a resource; behind one that is not there any more, the first. */
  private byte[] behindPath(Uid resource) {
    Optional<ResourceUidRow> row = sides.both().resourcePath(resource);
    return row.isPresent() ? (row.get().path() + "\0").getBytes(StandardCharsets.UTF_8) : EMPTY;
  }
}
