package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.SuspensionRow;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a reader may see, at one moment: one reference, replaced as a whole (hazard 1).
 *
 * <p>The snapshot is counted; use {@link Publication#retained} to read through it.
 */
public final class Published {
  private static final String ORGANIZATIONS = "organizations/";

  private final long sequence;
  private final StoreSnapshot snapshot;
  private final OrgIndex organizations;

  /** One of them, whichever was found last: plain, for it is right whoever wrote it. */
  private @Nullable OrgState recent;

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

  /**
   * The same, when the name of a resource begins with it: most questions are about the organization
   * of the one before, and then nothing is cut out of the name and hashed.
   *
   * @param name {@code organizations/<id>} or a full name below it
   * @return null when it does not begin with the organization that was found last
   */
  public @Nullable OrgState recent(String name) {
    OrgState org = recent;
    return org != null && isIn(org.id(), name) ? org : null;
  }

  /** Has an organization of this publication be found by {@link #recent} from now on. */
  public void found(OrgState org) {
    recent = org;
  }

  private static boolean isIn(String id, String name) {
    int end = ORGANIZATIONS.length() + id.length();
    return name.startsWith(ORGANIZATIONS)
        && name.startsWith(id, ORGANIZATIONS.length())
        && (name.length() == end || name.charAt(end) == '/');
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
