package dev.modelgate.app.query;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceUidRow;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Names and uids of one organization at one moment. Remembers the last {@value #REMEMBERED_MAX}
 * names of each kind. Not for use by several threads.
 */
final class Names {
  /** What stands for somebody without a principal of his own. */
  static final String SYSTEM_ADMINISTRATOR = "systemAdministrator";

  private static final int REMEMBERED_MAX = 4_096;

  private final OrgState org;
  private final OrgRows rows;
  private final Map<Uid, PrincipalUidRow> principals = remembering();
  private final Map<Uid, ResourceUidRow> resources = remembering();

  Names(OrgState org, OrgRows rows) {
    this.org = org;
    this.rows = rows;
  }

  /**
   * The name and fate of a principal, deleted ones included.
   *
   * @throws UndecodableException when a row refers to a uid that was never given
   */
  PrincipalUidRow principal(Uid uid) {
    return known(principals, uid, this::readPrincipal, "principal");
  }

  /** The text of a principal's name. */
  String principalText(Uid uid) {
    return principal(uid).name().toString();
  }

  /** Who gave something: a principal's name, or the word for the system administrator. */
  String author(Uid uid) {
    return uid.equals(Uid.NONE) ? SYSTEM_ADMINISTRATOR : principalText(uid);
  }

  /**
   * The path and fate of a resource, deleted ones included.
   *
   * @throws UndecodableException when a row refers to a uid that was never given
   */
  ResourceUidRow resource(Uid uid) {
    return known(resources, uid, rows::resourcePath, "resource");
  }

  /** The full name of the resource at a path below the organization. */
  ResourceName fullName(String path) {
    ResourceName root = ResourceName.ofOrganization(org.id());
    return path.isEmpty() ? root : ResourceName.parse(root.text() + "/" + path);
  }

  /** The uid that grants to that principal use; empty when it has no record, or is deleted. */
  Optional<Uid> uid(PrincipalName name) {
    return switch (name.kind()) {
      case ORGANIZATION ->
          name.id().equals(org.id()) ? Optional.of(Uid.ORGANIZATION) : Optional.empty();
      case ALL_AUTHENTICATED_USERS -> Optional.of(Uid.ALL_AUTHENTICATED_USERS);
      case ALL_USERS -> Optional.of(Uid.ALL_USERS);
      default -> rows.principal(name).map(row -> row.uid());
    };
  }

  private Optional<PrincipalUidRow> readPrincipal(Uid uid) {
    if (uid.equals(Uid.ORGANIZATION)) {
      return Optional.of(new PrincipalUidRow(uid, PrincipalName.organization(org.id()), 0));
    }
    if (uid.equals(Uid.ALL_AUTHENTICATED_USERS)) {
      return Optional.of(new PrincipalUidRow(uid, PrincipalName.ALL_AUTHENTICATED_USERS, 0));
    }
    if (uid.equals(Uid.ALL_USERS)) {
      return Optional.of(new PrincipalUidRow(uid, PrincipalName.ALL_USERS, 0));
    }
    return rows.principalName(uid);
  }

  private static <R> R known(
      Map<Uid, R> remembered, Uid uid, Function<Uid, Optional<R>> reader, String what) {
    R row = remembered.get(uid);
    if (row == null) {
      row =
          reader
              .apply(uid)
              .orElseThrow(() -> new UndecodableException("unknown uid " + uid + " of a " + what));
      remembered.put(uid, row);
    }
    return row;
  }

  private static <R> Map<Uid, R> remembering() {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<Uid, R> eldest) {
        return size() > REMEMBERED_MAX;
      }
    };
  }
}
