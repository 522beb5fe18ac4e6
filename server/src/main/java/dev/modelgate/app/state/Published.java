package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.SuspensionRow;
import java.util.Optional;

/**
 * Everything that a reader may see, at one moment: one reference, replaced as a whole (hazard 1).
 *
 * <p>The snapshot is counted; use {@link Publication#retained} to read through it.
 */
public final class Published {
  private final long sequence;
  private final StoreSnapshot snapshot;
  private final OrgIndex organizations;

  Published(long sequence, StoreSnapshot snapshot, OrgIndex organizations) {
    this.sequence = sequence;
    this.snapshot = snapshot;
    this.organizations = organizations;
  }

  /** The publication's number on this node, 1 for the first; what stamps are compared with. */
  public long sequence() {
    return sequence;
  }

  /** The organization of that id, {@code system} included; empty when it is not registered. */
  public Optional<OrgState> organization(String id) {
    return Optional.ofNullable(organizations.find(id));
  }

  /** All organizations but {@code system}, in the order of their ids. */
  public Iterable<OrgState> organizations() {
    return organizations.sorted();
  }

  /** The reserved organization {@code system}. */
  public OrgState system() {
    return organizations.system();
  }

  /** Whether a whole organization is switched off. */
  public boolean isOrganizationSuspended(Uid org) {
    var suspensions = system().suspensions();
    return !suspensions.isEmpty()
        && suspensions.containsKey(new OrgState.Suspended(SuspensionRow.Target.ORGANIZATION, org));
  }

  /** The organization's rows; only between retain and release of this publication. */
  public OrgRows rows(OrgState org) {
    return new OrgRows(view(org));
  }

  /**
   * The same for a reader that may not wait, within {@code readsMax} reads; what it cannot show
   * then throws {@link dev.modelgate.store.NotAtOnceException}.
   */
  public OrgRows rowsAtOnce(OrgState org, int readsMax) {
    return new OrgRows(new BoundedView(snapshot.viewAtOnce(org.uid()), readsMax));
  }

  /** The organization's raw rows; only between retain and release of this publication. */
  public OrgView view(OrgState org) {
    return snapshot.view(org.uid());
  }

  /** Takes a share of the snapshot; false when this publication was replaced and let go already. */
  public boolean tryRetain() {
    return snapshot.tryRetain();
  }

  /** Gives a share back. */
  public void release() {
    snapshot.release();
  }

  OrgIndex index() {
    return organizations;
  }
}
