package dev.modelgate.app.sharing;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of one command ask for again and again: the principal and the resource that a
 * change is about, which every rule of it looks at, and the deny rules. Invariant: what is kept is
 * what the rows say, for it is forgotten with every change of its table.
 */
final class LastRows {
  private final OrgRows rows;
  private final Profile profile;
  private @Nullable PrincipalName name;
  private Optional<PrincipalRow> principal = Optional.empty();
  private @Nullable String path;
  private Optional<ResourceRow> resource = Optional.empty();
  private @Nullable ResourceName resourceName;
  private Optional<Kind> kind = Optional.empty();

  /** By scope, read when somebody asks; null until then and after each change of them. */
  private @Nullable Map<Uid, List<DenyRuleRow>> denyRules;

  LastRows(OrgRows rows, Profile profile) {
    this.rows = rows;
    this.profile = profile;
  }

  Optional<PrincipalRow> principal(PrincipalName wanted) {
    if (!wanted.equals(name)) {
      principal = rows.principal(wanted);
      name = wanted;
    }
    return principal;
  }

  /** By the profile, which is the same for the whole command. */
  Optional<Kind> kindOf(ResourceName wanted) {
    if (!wanted.equals(resourceName)) {
      kind = profile.kindOf(wanted);
      resourceName = wanted;
    }
    return kind;
  }

  Optional<ResourceRow> resource(String wanted) {
    if (!wanted.equals(path)) {
      resource = rows.resource(wanted);
      path = wanted;
    }
    return resource;
  }

  Map<Uid, List<DenyRuleRow>> denyRules() {
    Map<Uid, List<DenyRuleRow>> read = denyRules;
    if (read == null) {
      Map<Uid, List<DenyRuleRow>> fresh = new HashMap<>();
      rows.eachDenyRule(
          row -> {
            fresh.computeIfAbsent(row.scope(), uid -> new ArrayList<>()).add(row);
            return true;
          });
      denyRules = fresh;
      read = fresh;
    }
    return read;
  }

  /** Forgets what a change of that table may have changed. */
  void changed(Table table) {
    switch (table) {
      case PRINCIPALS -> name = null;
      case RESOURCES -> path = null;
      case DENY_RULES -> denyRules = null;
      default -> {
        // Nothing of it is kept.
      }
    }
  }
}
