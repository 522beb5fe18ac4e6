package dev.modelgate.app.query;

import dev.modelgate.app.state.FactRows;
import dev.modelgate.model.Uid;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rows of one state for a walk over many resources or principals: remembers what comes again,
 * the ancestors and what is granted on them, and reads nothing that is known not to be there. Says
 * what the rows themselves say.
 *
 * <p>Holds at most {@value #REMEMBERED_MAX} rows of each kind. Not for use by several threads.
 */
final class RememberedRows implements FactRows {
  private static final int REMEMBERED_MAX = 4_096;

  private final OrgRows rows;
  private final Map<Uid, Set<Uid>> grantedTo;
  private final Map<String, Optional<ResourceRow>> resources = new HashMap<>();
  private final Map<Pair, Optional<GrantRow>> grants = new HashMap<>();
  private final Map<Uid, Optional<PrincipalRow>> principals = new HashMap<>();
  private final Map<Uid, List<Uid>> groups = new HashMap<>();
  private Optional<ResourceRow> here = Optional.empty();

  private record Pair(Uid resource, Uid account) {}

  /**
   * Remembers rows.
   *
   * @param grantedTo of some accounts every resource on which they have grants
   */
  RememberedRows(OrgRows rows, Map<Uid, Set<Uid>> grantedTo) {
    this.rows = rows;
    this.grantedTo = grantedTo;
  }

  /** Comes to a resource; what is asked about it from now on is not remembered. */
  void standOn(ResourceRow row) {
    here = Optional.of(row);
  }

  @Override
  public Optional<ResourceRow> resource(String path) {
    return here.isPresent() && here.get().path().equals(path)
        ? here
        : room(resources).computeIfAbsent(path, rows::resource);
  }

  @Override
  public Optional<GrantRow> grants(Uid resource, Uid account) {
    Set<Uid> all = grantedTo.get(account);
    if (all != null && !all.contains(resource)) {
      return Optional.empty();
    }
    return here.isPresent() && here.get().uid().equals(resource)
        ? rows.grants(resource, account)
        : room(grants)
            .computeIfAbsent(new Pair(resource, account), pair -> rows.grants(resource, account));
  }

  @Override
  public Optional<PrincipalRow> principal(Uid uid) {
    return room(principals).computeIfAbsent(uid, rows::principal);
  }

  @Override
  public List<Uid> groupsOf(Uid member) {
    return member.isSet()
        ? room(groups).computeIfAbsent(member, this::read)
        : read(member); // Accounts come once.
  }

  private List<Uid> read(Uid member) {
    List<Uid> found = new ArrayList<>();
    rows.eachGroupOf(member, found::add);
    return found;
  }

  private static <K, V> Map<K, V> room(Map<K, V> remembered) {
    if (remembered.size() >= REMEMBERED_MAX) {
      remembered.clear();
    }
    return remembered;
  }
}
