package dev.modelgate.app.sharing;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.row.OrgRows;

/** Seam; the lead's replaces it. */
public final class Rights {
  private final Requester requester;

  private Rights(Requester requester) {
    this.requester = requester;
  }

  /** Seam. */
  public static Rights of(
      Published state, OrgState org, OrgRows rows, Requester requester, long nowMicros) {
    return new Rights(requester);
  }

  /** Seam. */
  public boolean has(ResourceName resource, String permission) {
    return isAdministrator();
  }

  /** Seam. */
  public boolean sees(ResourceName resource) {
    return isAdministrator();
  }

  /** Seam. */
  public boolean isAdministrator() {
    return requester.isSystemAdministrator();
  }

  /** Seam. */
  public void require(ResourceName resource, String permission) {}
}
