package dev.modelgate.app.sharing;

import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Flag;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an organization uses of its profile and another one lacks: roles, permissions, kinds, types,
 * flags, links and features that rows name. Rows of deleted principals and resources name nothing.
 *
 * <p>Reads only the tables in which something could be named that disappears, each once and no
 * further than until everything that disappears was found in use: all grants at worst.
 */
final class ProfileLoss {
  /** The most losses that a refusal shows. */
  static final int SHOWN_MAX = 10;

  private static final byte[] ALL = {};

  private final Draft draft;
  private final Profile old;
  private final Profile fresh;
  private final Map<Integer, String> roles = new LinkedHashMap<>();
  private final long permissions;
  private final Map<String, String> found = new LinkedHashMap<>();

  /** Something that is in use and would be gone, and an example of who uses it. */
  record Loss(String what, String usedBy) {}

  ProfileLoss(Draft draft, Profile fresh) {
    this.draft = draft;
    this.old = draft.profile();
    this.fresh = fresh;
    for (Role role : old.roles()) {
      Optional<Role> same = fresh.role(role.name());
      if (same.isEmpty()) {
        roles.put(role.id(), "role `" + role.name() + "`");
      } else if (same.get().owner() != role.owner()) {
        // Its grants may have times and conditions, which an owner's never have (hazard 24).
        roles.put(role.id(), "role `" + role.name() + "` with owner: " + role.owner());
      }
    }
    this.permissions = old.declared() & ~fresh.declared();
  }

  /** Everything that would be lost, each with the first that uses it. */
  List<Loss> find() {
    if (!roles.isEmpty() || permissions != 0) {
      grants();
    }
    typeRights();
    denyRules();
    links();
    if (reshapesResources()) {
      resources();
    }
    for (String feature : draft.settings().features().keySet()) {
      if (!fresh.states().features().containsKey(feature)) {
        note("feature `" + feature + "`", "the organization's settings");
      }
    }
    List<Loss> losses = new ArrayList<>();
    found.forEach((what, usedBy) -> losses.add(new Loss(what, usedBy)));
    return losses;
  }

  private void grants() {
    int all = roles.size() + Long.bitCount(permissions);
    draft
        .rows()
        .each(
            Table.GRANTS,
            ALL,
            ALL,
            GrantRow::decode,
            row -> {
              for (Grant grant : row.grants()) {
                boolean lost = roles.containsKey(grant.role()) || (grant.mask() & permissions) != 0;
                if (lost) {
                  grant(row, grant);
                }
              }
              return found.size() < all;
            });
  }

  private void grant(GrantRow row, Grant grant) {
    Optional<String> principal = draft.nameOf(row.principal()).map(Object::toString);
    Optional<String> resource = resource(row.resource());
    if (principal.isEmpty() || resource.isEmpty()) {
      return;
    }
    String usedBy = principal.get() + " on " + resource.get();
    String role = roles.get(grant.role());
    if (role != null) {
      note(role, usedBy);
    }
    permissions(grant.mask(), usedBy);
  }

  private void permissions(long mask, String usedBy) {
    for (String permission : old.permissionNames(mask & permissions)) {
      note("permission `" + permission + "`", usedBy);
    }
  }

  private void typeRights() {
    draft
        .rows()
        .eachTypeRight(
            Optional.empty(),
            row -> {
              draft
                  .nameOf(row.principal())
                  .ifPresent(
                      holder -> {
                        String usedBy = "a type right of " + holder;
                        if (fresh.kind(row.kind()).isEmpty()) {
                          note("kind `" + row.kind() + "`", usedBy);
                        }
                        row.rights().forEach(right -> permissions(right.mask(), usedBy));
                      });
              return true;
            });
  }

  private void denyRules() {
    draft
        .rows()
        .eachDenyRule(
            row -> {
              permissions(row.mask(), "the deny rule " + row.id());
              return true;
            });
  }

  private void links() {
    draft
        .rows()
        .eachLink(
            row -> {
              Optional<String> resource = resource(row.resource());
              Optional<Kind> kind = resource.map(ResourceName::parse).flatMap(fresh::kindOf);
              if (kind.isPresent() && !kind.get().sharing().links()) {
                note(
                    "external links of `" + kind.get().name() + "`",
                    "link:" + row.id() + " on " + resource.get());
              }
              return true;
            });
  }

  /** Whether a resource that was well placed, typed and flagged might not be so any more. */
  private boolean reshapesResources() {
    for (Kind kind : old.kinds()) {
      Optional<Kind> same = fresh.kind(kind.name());
      boolean kept =
          same.isPresent()
              && same.get().collection().equals(kind.collection())
              && same.get().parents().containsAll(kind.parents())
              && (same.get().types().isEmpty()
                  || !kind.types().isEmpty() && same.get().types().containsAll(kind.types()));
      if (!kept) {
        return true;
      }
    }
    for (Flag flag : old.states().flags()) {
      Optional<Flag> same = fresh.states().flag(flag.name());
      if (same.isEmpty() || !same.get().kinds().containsAll(flag.kinds())) {
        return true;
      }
    }
    return false;
  }

  private void resources() {
    draft
        .rows()
        .each(
            Table.RESOURCES,
            ALL,
            ALL,
            (key, value) -> ResourceRow.decode(value),
            row -> {
              resource(row);
              return found.size() < SHOWN_MAX;
            });
  }

  private void resource(ResourceRow row) {
    ResourceName name = fullName(row.path());
    Optional<Kind> was = old.kindOf(name);
    if (was.isEmpty()) {
      return;
    }
    Optional<Kind> kind = fresh.kindOf(name).filter(k -> k.name().equals(was.get().name()));
    if (kind.isEmpty()) {
      note("kind `" + was.get().name() + "` in its place", name.toString());
      return;
    }
    String type = row.attributes().type();
    if (!type.isEmpty() && !kind.get().types().isEmpty() && !kind.get().types().contains(type)) {
      note("type `" + type + "` of `" + kind.get().name() + "`", name.toString());
    }
    for (String flag : row.attributes().flags()) {
      boolean declared =
          fresh.states().flag(flag).filter(f -> f.kinds().contains(kind.get().name())).isPresent();
      if (!declared) {
        note("flag `" + flag + "` of `" + kind.get().name() + "`", name.toString());
      }
    }
  }

  private Optional<String> resource(Uid uid) {
    return draft
        .rows()
        .resourcePath(uid)
        .filter(row -> !row.isDeleted())
        .map(row -> fullName(row.path()).toString());
  }

  private ResourceName fullName(String path) {
    ResourceName root = ResourceName.ofOrganization(draft.organizationId());
    return path.isEmpty() ? root : ResourceName.parse(root + "/" + path);
  }

  private void note(String what, String usedBy) {
    found.putIfAbsent(what, usedBy);
  }
}
