package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command.ImportGrant;
import dev.modelgate.app.sharing.Command.ImportItem;
import dev.modelgate.app.sharing.Command.ImportMembership;
import dev.modelgate.app.sharing.Command.ImportPrincipal;
import dev.modelgate.app.sharing.Command.ImportResource;

/** How many records were applied, by type; also those that changed nothing. */
public record ImportCounts(
    long principals, long memberships, long resources, long grants, long suspensions) {
  /** Nothing yet. */
  public static final ImportCounts NONE = new ImportCounts(0, 0, 0, 0, 0);

  /** All together. */
  public long total() {
    return principals + memberships + resources + grants + suspensions;
  }

  ImportCounts plus(ImportItem item) {
    if (item instanceof ImportPrincipal) {
      return new ImportCounts(principals + 1, memberships, resources, grants, suspensions);
    }
    if (item instanceof ImportMembership) {
      return new ImportCounts(principals, memberships + 1, resources, grants, suspensions);
    }
    if (item instanceof ImportResource) {
      return new ImportCounts(principals, memberships, resources + 1, grants, suspensions);
    }
    if (item instanceof ImportGrant) {
      return new ImportCounts(principals, memberships, resources, grants + 1, suspensions);
    }
    return new ImportCounts(principals, memberships, resources, grants, suspensions + 1);
  }
}
