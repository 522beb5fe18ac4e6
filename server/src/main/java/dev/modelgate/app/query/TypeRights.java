package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Etag;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.TypeRightRow;
import java.util.List;
import java.util.Optional;

/**
 * Reads type rights. Thread-safe; blocks for reads. Those of deleted principals are not shown,
 * though their rows wait for the sweeper.
 */
public final class TypeRights {
  private static final byte[] EMPTY = {};

  private final Reader reader;

  TypeRights(Reader reader) {
    this.reader = reader;
  }

  /**
   * A page of type rights.
   *
   * @param etag of all type rights of the organization, at the moment of this page
   */
  public record Found(Page<TypeRightView> page, String etag) {}

  /** Where a page ended: behind that right of that row. */
  private record Position(Uid principal, String kind, int index) {
    static Position read(ByteReader in) {
      return new Position(new Uid(in.fixed64()), in.text(), in.varint(TypeRightRow.RIGHTS_MAX - 1));
    }

    ByteWriter write() {
      return new ByteWriter(32).fixed64(principal.value()).text(kind).varint(index);
    }
  }

  /**
   * Type rights by principal uid and kind; for whoever may read the grants on the organization, and
   * each principal's for himself.
   *
   * @param principal only those of this one; empty for all
   * @param kind only those for this one; empty for all
   * @throws RefusedException NOT_FOUND for the principal, UNKNOWN_KIND, NOT_PERMITTED,
   *     PAGE_TOKEN_INVALID, ON_BEHALF_OF_INVALID
   */
  public Found list(
      String organizationId,
      Optional<PrincipalName> principal,
      String kind,
      Requester requester,
      PageRequest page) {
    return reader.read(
        organizationId,
        requester,
        reading -> {
          if (principal.filter(reading::isActor).isEmpty()) {
            reading.require(ResourceName.ofOrganization(organizationId), Operation.READ_GRANTS);
          }
          if (!kind.isEmpty() && reading.profile().kind(kind).isEmpty()) {
            throw Refusal.ofField(Fault.UNKNOWN_KIND, "kind", kind, "a kind of the profile")
                .asException();
          }
          return new Found(page(reading, principal, kind, page), Etag.ofTypeRights(reading.rows()));
        });
  }

  private static Page<TypeRightView> page(
      Reading reading, Optional<PrincipalName> principal, String kind, PageRequest page) {
    Optional<Uid> holder =
        principal.map(
            name -> reading.names().uid(name).orElseThrow(() -> Reading.notFound(name.toString())));
    PageScope scope =
        PageScope.of(
            reading.org(),
            "ListTypeRights",
            List.of(principal.map(PrincipalName::toString).orElse(""), kind));
    Optional<Position> after = scope.position(page.token(), Position::read);
    Walk<TypeRightView> walk = new Walk<>(scope, page);
    reading
        .rows()
        .each(
            Table.TYPE_RIGHTS,
            holder.map(TypeRightRow::prefix).orElse(EMPTY),
            after.map(at -> TypeRightRow.key(at.principal(), at.kind())).orElse(EMPTY),
            (key, value) -> TypeRightRow.decode(value),
            row -> offer(reading, row, kind, after, walk));
    return walk.page();
  }

  private static boolean offer(
      Reading reading,
      TypeRightRow row,
      String kind,
      Optional<Position> after,
      Walk<TypeRightView> walk) {
    boolean shown =
        (kind.isEmpty() || kind.equals(row.kind()))
            && !reading.names().principal(row.principal()).isDeleted();
    for (int i = 0; i < row.rights().size(); i++) {
      TypeRightRow.Right right = row.rights().get(i);
      Position position = new Position(row.principal(), row.kind(), i);
      if (!isOnPageBefore(position, after)
          && !walk.offer(position.write(), shown, () -> reading.views().typeRight(row, right))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOnPageBefore(Position position, Optional<Position> after) {
    return after
        .filter(
            at ->
                at.principal().equals(position.principal())
                    && at.kind().equals(position.kind())
                    && position.index() <= at.index())
        .isPresent();
  }
}
