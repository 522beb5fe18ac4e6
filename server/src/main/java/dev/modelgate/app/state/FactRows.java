package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where gathering finds the rows that one resource or group after the other leads to. A listing,
 * which gathers for many callers or resources that have them in common, remembers them; a check
 * reads each once.
 *
 * <p>Every method throws {@link dev.modelgate.store.StoreException} rather than take damage for
 * absence (hazard 4).
 */
public interface FactRows {
  /** The resource at that path below the organization. */
  Optional<ResourceRow> resource(String path);

  /** The grants of an account on a resource. */
  Optional<GrantRow> grants(Uid resource, Uid account);

  /** The same, looked up by itself and not among all grants on the resource. */
  default Optional<GrantRow> pair(Uid resource, Uid account) {
    return grants(resource, account);
  }

  /** The principal of that uid, unless it is deleted. */
  Optional<PrincipalRow> principal(Uid uid);

  /** The groups that hold a member directly. */
  List<Uid> groupsOf(Uid member);

  /** All groups above an active group; empty where they are not remembered, or too many. */
  default Optional<Above> above(Uid group) {
    return Optional.empty();
  }

  /** The rows as they are stored, each read when it is asked for. */
  static FactRows of(OrgRows rows) {
    return new FactRows() {
      @Override
      public Optional<ResourceRow> resource(String path) {
        return rows.resource(path);
      }

      @Override
      public Optional<GrantRow> grants(Uid resource, Uid account) {
        return rows.grants(resource, account);
      }

      @Override
      public Optional<PrincipalRow> principal(Uid uid) {
        return rows.principal(uid);
      }

      @Override
      public List<Uid> groupsOf(Uid member) {
        List<Uid> groups = new ArrayList<>();
        rows.eachGroupOf(member, groups::add);
        return groups;
      }
    };
  }
}
