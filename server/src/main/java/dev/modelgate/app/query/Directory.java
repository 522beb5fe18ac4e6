package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import java.util.Optional;

/** Reads principals. Thread-safe; blocks for reads. */
public final class Directory {
  private static final byte[] EMPTY = {};

  private final Reader reader;

  Directory(Reader reader) {
    this.reader = reader;
  }

  /**
   * One principal, also a deleted one; for administrators, and for himself. Finding a deleted one
   * walks over all principals that ever were.
   *
   * @throws RefusedException NOT_FOUND when there never was one, or it is hidden;
   *     ON_BEHALF_OF_INVALID
   */
  public PrincipalView get(String organizationId, PrincipalName name, Requester requester) {
    return reader.read(
        organizationId,
        requester,
        reading -> {
          if (!reading.isAdministrator() && !reading.isActor(name)) {
            throw Reading.notFound(name.toString());
          }
          Optional<PrincipalRow> row = reading.rows().principal(name);
          return row.isPresent()
              ? reading.views().principal(row.get())
              : reading.views().deletedPrincipal(lastDeleted(reading, name));
        });
  }

  /**
   * A principal as a change set left it, for whoever made the change.
   *
   * @param written the row that the change set wrote; empty for the present one
   */
  public PrincipalView changed(
      String organizationId, PrincipalName name, Optional<PrincipalRow> written) {
    return reader.read(
        organizationId,
        Requester.SYSTEM_ADMINISTRATOR,
        reading ->
            reading
                .views()
                .principal(
                    written
                        .or(() -> reading.rows().principal(name))
                        .orElseThrow(() -> Reading.notFound(name.toString()))));
  }

  /**
   * Principals, for administrators: by name; the members of a group or the groups of a member by
   * uid.
   *
   * @throws RefusedException NOT_FOUND for the group or member, NOT_PERMITTED, PAGE_TOKEN_INVALID,
   *     ON_BEHALF_OF_INVALID
   */
  public Page<PrincipalView> list(
      String organizationId, PrincipalFilter filter, Requester requester, PageRequest page) {
    return reader.read(
        organizationId,
        requester,
        reading -> {
          reading.requireAdministrator();
          return new PrincipalListing(reading, filter, page).page();
        });
  }

  private static PrincipalUidRow lastDeleted(Reading reading, PrincipalName name) {
    if (!reading.rows().wasDeleted(name)) {
      throw Reading.notFound(name.toString());
    }
    PrincipalUidRow[] last = {new PrincipalUidRow(Uid.NONE, name, 0)};
    reading
        .rows()
        .each(
            Table.PRINCIPAL_UIDS,
            EMPTY,
            EMPTY,
            (key, value) -> PrincipalUidRow.decode(value),
            row -> {
              if (row.name().equals(name)) {
                last[0] = row;
              }
              return true;
            });
    if (!last[0].isDeleted()) {
      throw Reading.notFound(name.toString());
    }
    return last[0];
  }
}
