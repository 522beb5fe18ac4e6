package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.LinkRow;
import java.util.Optional;

/** Reads external links. Thread-safe; blocks for reads. */
public final class Links {
  private final Reader reader;

  Links(Reader reader) {
    this.reader = reader;
  }

  /**
   * A link as a change set left it, for whoever made the change.
   *
   * @param written the row that the change set wrote; empty for the present one
   * @param grants its grants that the change set wrote; empty for the present ones
   * @throws RefusedException NOT_FOUND when nothing was written and the link is gone
   */
  public LinkView changed(
      String organizationId, String id, Optional<LinkRow> written, Optional<GrantRow> grants) {
    PrincipalName name = new PrincipalName(PrincipalKind.LINK, id);
    return reader.read(
        organizationId,
        Requester.SYSTEM_ADMINISTRATOR,
        reading -> {
          LinkRow row =
              written
                  .or(() -> reading.names().uid(name).flatMap(reading.rows()::link))
                  .orElseThrow(() -> Reading.notFound(name.toString()));
          Optional<Grant> grant =
              grants
                  .or(() -> reading.rows().grants(row.resource(), row.uid()))
                  .flatMap(found -> found.grants().stream().findFirst());
          return reading.views().link(row, grant);
        });
  }
}
