package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Etag;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Replica;
import dev.modelgate.store.Revision;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceUidRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads grants. Thread-safe; blocks for reads. Grants of principals and on resources that are
 * deleted are not shown, though their rows wait for the sweeper.
 */
public final class Grants {
  private static final byte[] EMPTY = {};

  /** The most change sets looked through for a change of a grant list. */
  private static final int FOLLOWERS_MAX = 64;

  private final Reader reader;
  private final Replica replica;

  Grants(Reader reader, Replica replica) {
    this.reader = reader;
    this.replica = replica;
  }

  /**
   * A page of grants on a resource.
   *
   * @param etag of the direct grants, at the moment of this page
   */
  public record OnResource(Page<GrantView> page, String etag) {}

  /**
   * The grants on a resource, by principal uid; with inherited ones those of the parent next, and
   * so on. Whoever may read a resource's grants may read all that give access to it.
   *
   * @throws RefusedException NOT_FOUND, NOT_PERMITTED without {@code grants.read}, UNKNOWN_ROLE,
   *     PAGE_TOKEN_INVALID, ON_BEHALF_OF_INVALID
   */
  public OnResource onResource(
      ResourceName resource,
      GrantFilter filter,
      boolean includeInherited,
      Requester requester,
      PageRequest page) {
    return reader.read(
        resource.organizationId(),
        requester,
        reading -> {
          reading.require(resource, Operation.READ_GRANTS);
          ResourceRow row =
              reading
                  .rows()
                  .resource(resource.relativePath())
                  .orElseThrow(() -> Reading.notFound(resource.text()));
          return new OnResource(
              page(reading, resource, filter, includeInherited, page),
              Etag.ofGrants(reading.rows(), row.uid()));
        });
  }

  /**
   * All direct grants of a principal, by resource uid; for whoever may read the grants of the whole
   * organization.
   *
   * @param role only grants of this role, by name; empty for all
   * @throws RefusedException NOT_FOUND for the principal, NOT_PERMITTED, UNKNOWN_ROLE,
   *     PAGE_TOKEN_INVALID, ON_BEHALF_OF_INVALID
   */
  public Page<GrantView> ofPrincipal(
      String organizationId,
      PrincipalName principal,
      String role,
      Requester requester,
      PageRequest page) {
    return reader.read(
        organizationId,
        requester,
        reading -> {
          reading.require(ResourceName.ofOrganization(organizationId), Operation.READ_GRANTS);
          Uid uid =
              reading
                  .names()
                  .uid(principal)
                  .orElseThrow(() -> Reading.notFound(principal.toString()));
          return page(reading, principal, role, uid, page);
        });
  }

  /**
   * The etag of the direct grants on a resource as they were at a revision, for whoever changed
   * them there. When they have changed since, or may have, it is one that is not current, so that
   * nobody overwrites what he has not seen.
   */
  public String etagAt(ResourceName resource, Revision revision) {
    return reader.read(
        resource.organizationId(),
        Requester.SYSTEM_ADMINISTRATOR,
        reading -> {
          Optional<ResourceRow> row = reading.rows().resource(resource.relativePath());
          return row.isPresent() && isUnchangedSince(reading, row.get().uid(), revision)
              ? Etag.ofGrants(reading.rows(), row.get().uid())
              : Etag.of(revision.org(), revision.version());
        });
  }

  private boolean isUnchangedSince(Reading reading, Uid resource, Revision revision) {
    long head = reading.org().head().version();
    if (head - revision.version() > FOLLOWERS_MAX) {
      return false;
    }
    byte[] prefix = GrantRow.prefix(resource);
    for (long version = revision.version() + 1; version <= head; version++) {
      Optional<LogRecord> record = replica.read(revision.org(), version);
      if (record.isEmpty()
          || ChangeSetCodec.decode(record.get().stored()).mutations().stream()
              .anyMatch(mutation -> isGrantOn(prefix, mutation))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isGrantOn(byte[] prefix, Mutation mutation) {
    return mutation.table() == Table.GRANTS
        && Arrays.equals(prefix, Arrays.copyOf(mutation.key(), prefix.length));
  }

  private static Page<GrantView> page(
      Reading reading, PrincipalName principal, String role, Uid uid, PageRequest page) {
    PageScope scope =
        PageScope.of(reading.org(), "ListGrants", List.of("of", principal.toString(), role));
    Predicate<Grant> shown = GrantFilter.ofRole(role).roles(reading);
    GrantWalk walk = new GrantWalk(reading, scope, page);
    byte[] prefix = new ByteWriter(8).fixed64(uid.value()).toBytes();
    byte[] from = walk.isResumed() ? GrantRow.key(uid, walk.resumedAt()) : EMPTY;
    reading
        .rows()
        .each(
            Table.GRANTS_BY_PRINCIPAL,
            prefix,
            from,
            (key, value) -> second(key),
            resource -> {
              ResourceUidRow named = reading.names().resource(resource);
              Optional<GrantRow> row =
                  named.isDeleted() ? Optional.empty() : reading.rows().grants(resource, uid);
              return row.isEmpty() || walk.offer(0, resource, row.get(), shown);
            });
    return walk.page();
  }

  private static Page<GrantView> page(
      Reading reading,
      ResourceName resource,
      GrantFilter filter,
      boolean includeInherited,
      PageRequest page) {
    List<String> parameters = new ArrayList<>(filter.parameters());
    parameters.addAll(List.of("on", resource.text(), String.valueOf(includeInherited)));
    PageScope scope = PageScope.of(reading.org(), "ListGrants", parameters);
    GrantWalk walk = new GrantWalk(reading, scope, page);
    Predicate<Grant> shown = filter.roles(reading);
    int top = includeInherited ? topLevel(reading, resource) : resource.depth() - 1;
    boolean goesOn = true;
    for (int up = walk.resumedLevel(); goesOn && resource.depth() - 1 - up >= top; up++) {
      String path = resource.relativePathAt(resource.depth() - 1 - up);
      Optional<Uid> uid = reading.rows().resource(path).map(ResourceRow::uid);
      goesOn = uid.isEmpty() || walkLevel(reading, up, uid.get(), filter, shown, walk);
    }
    return walk.page();
  }

  private static boolean walkLevel(
      Reading reading,
      int up,
      Uid resource,
      GrantFilter filter,
      Predicate<Grant> shown,
      GrantWalk walk) {
    Predicate<GrantRow> visitor =
        row -> {
          boolean admitted = filter.admits(reading, row.principal());
          return walk.offer(up, row.principal(), row, grant -> admitted && shown.test(grant));
        };
    if (filter.principal().isPresent()) {
      return reading
          .names()
          .uid(filter.principal().get())
          .flatMap(uid -> reading.rows().grants(resource, uid))
          .map(visitor::test)
          .orElse(true);
    }
    byte[] from =
        walk.isResumed() && walk.resumedLevel() == up
            ? GrantRow.key(resource, walk.resumedAt())
            : EMPTY;
    boolean[] goesOn = {true};
    reading
        .rows()
        .each(
            Table.GRANTS,
            GrantRow.prefix(resource),
            from,
            GrantRow::decode,
            row -> goesOn[0] = visitor.test(row));
    return goesOn[0];
  }

  /** The level of the highest ancestor whose grants reach the resource, 0 the organization. */
  private static int topLevel(Reading reading, ResourceName resource) {
    int level = resource.depth() - 1;
    while (level > 0 && inherits(reading, resource, level)) {
      level--;
    }
    return level;
  }

  private static boolean inherits(Reading reading, ResourceName resource, int level) {
    return reading
        .org()
        .compiled()
        .flatMap(profile -> profile.kindAt(resource, level))
        .filter(Kind::inherits)
        .isPresent();
  }

  private static Uid second(byte[] key) {
    ByteReader pair = new ByteReader(key);
    pair.fixed64();
    return new Uid(pair.fixed64());
  }
}
