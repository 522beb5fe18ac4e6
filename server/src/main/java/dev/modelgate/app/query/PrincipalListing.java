package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.MemberRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/** One page of one listing of principals. */
final class PrincipalListing {
  private static final byte[] EMPTY = {};

  /** The order of the table, by which deleted principals are mixed in; a name may occur often. */
  private static final Comparator<PrincipalUidRow> BY_NAME =
      Comparator.comparing(PrincipalListing::key, Arrays::compareUnsigned)
          .thenComparing(PrincipalUidRow::uid);

  private final Reading reading;
  private final PrincipalFilter filter;
  private final PageRequest request;
  private final PageScope scope;
  private final Walk<PrincipalView> walk;

  PrincipalListing(Reading reading, PrincipalFilter filter, PageRequest request) {
    this.reading = reading;
    this.filter = filter;
    this.request = request;
    this.scope = PageScope.of(reading.org(), "ListPrincipals", filter.parameters());
    this.walk = new Walk<>(scope, request);
  }

  Page<PrincipalView> page() {
    if (filter.memberOf().isPresent()) {
      Uid group = existing(filter.memberOf().get());
      eachBehind(Table.MEMBERS, group, uid -> offer(reading.names().principal(uid)));
    } else if (filter.contains().isPresent()) {
      Uid member = existing(filter.contains().get());
      eachBehind(Table.GROUPS_OF, member, uid -> offer(reading.names().principal(uid)));
    } else {
      byName(scope.position(request.token(), PrincipalListing::place));
    }
    return walk.page();
  }

  /**
   * Walks the second halves of the keys that begin with {@code first}, behind the uid in the token.
   */
  private void eachBehind(Table table, Uid first, Predicate<Uid> visitor) {
    byte[] prefix = new ByteWriter(8).fixed64(first.value()).toBytes();
    byte[] from =
        scope
            .position(request.token(), at -> MemberRow.key(first, new Uid(at.fixed64() + 1)))
            .orElse(EMPTY);
    reading.rows().each(table, prefix, from, (key, value) -> second(key), visitor);
  }

  private boolean offer(PrincipalUidRow named) {
    boolean shown =
        filter.admits(named.name().kind()) && (filter.includeDeleted() || !named.isDeleted());
    return walk.offer(new ByteWriter(8).fixed64(named.uid().value()), shown, () -> view(named));
  }

  private PrincipalView view(PrincipalUidRow named) {
    return named.isDeleted()
        ? reading.views().deletedPrincipal(named)
        : reading.views().principal(existingRow(named.name()));
  }

  /**
   * Lists by name. Deleted principals have no row under their name, so that as many as fit a page
   * are picked from all that ever were, and mixed in.
   */
  private void byName(Optional<PrincipalUidRow> after) {
    NavigableSet<PrincipalUidRow> page = new TreeSet<>(BY_NAME);
    if (filter.includeDeleted()) {
      pickDeleted(page, after);
    }
    byte[] prefix =
        filter
            .kind()
            .map(kind -> (kind.prefix() + ":").getBytes(StandardCharsets.UTF_8))
            .orElse(EMPTY);
    int[] living = {0};
    reading
        .rows()
        .each(
            Table.PRINCIPALS,
            prefix,
            after.map(PrincipalListing::key).orElse(EMPTY),
            (key, value) -> PrincipalRow.decode(value),
            row -> {
              var named = new PrincipalUidRow(row.uid(), row.name(), 0);
              if (filter.admits(row.name().kind()) && isBehind(named, after)) {
                page.add(named);
                living[0]++;
              }
              return living[0] <= request.size();
            });
    for (PrincipalUidRow named : page) {
      ByteWriter position =
          new ByteWriter(64).text(named.name().toString()).fixed64(named.uid().value());
      if (!walk.offer(position, true, () -> view(named))) {
        return;
      }
    }
  }

  private static PrincipalUidRow place(ByteReader at) {
    PrincipalName name = PrincipalName.parse(at.text());
    return new PrincipalUidRow(new Uid(at.fixed64()), name, 0);
  }

  private void pickDeleted(NavigableSet<PrincipalUidRow> page, Optional<PrincipalUidRow> after) {
    reading
        .rows()
        .each(
            Table.PRINCIPAL_UIDS,
            EMPTY,
            EMPTY,
            (key, value) -> PrincipalUidRow.decode(value),
            row -> {
              if (row.isDeleted() && filter.admits(row.name().kind()) && isBehind(row, after)) {
                page.add(row);
                if (page.size() > request.size() + 1) {
                  page.pollLast();
                }
              }
              return true;
            });
  }

  private Uid existing(PrincipalName name) {
    return existingRow(name).uid();
  }

  private PrincipalRow existingRow(PrincipalName name) {
    return reading.rows().principal(name).orElseThrow(() -> Reading.notFound(name.toString()));
  }

  private static boolean isBehind(PrincipalUidRow row, Optional<PrincipalUidRow> after) {
    return after.isEmpty() || BY_NAME.compare(row, after.get()) > 0;
  }

  private static byte[] key(PrincipalUidRow row) {
    return PrincipalRow.key(row.name());
  }

  private static Uid second(byte[] key) {
    ByteReader pair = new ByteReader(key);
    pair.fixed64();
    return new Uid(pair.fixed64());
  }
}
