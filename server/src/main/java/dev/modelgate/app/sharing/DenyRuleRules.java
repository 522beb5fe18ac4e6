package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Rules that deny whatever is granted. For administrators of the organization only: whoever else
 * could lift a rule, or be an exception of it, would widen himself. They bind administrators too,
 * and even one who has denied himself everything is helped by the system administrator.
 */
final class DenyRuleRules {
  /**
   * The most rules of one organization; all of them are kept in memory, and read for each change.
   */
  static final int RULES_MAX = 1_000;

  /** How many rules one sweep rewrites: they stay far below the size of a change set. */
  private static final int FORGOTTEN_MAX = 64;

  private final Draft draft;
  private final Optional<Rights> rights;

  DenyRuleRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = Optional.of(rights);
  }

  /** For forgetting what is deleted, which nobody asks for. */
  DenyRuleRules(Draft draft) {
    this.draft = draft;
    this.rights = Optional.empty();
  }

  /** All changes or none. */
  void update(Command.UpdateDenyRules command) {
    boolean onlyNew =
        command.changes().stream()
            .allMatch(
                change ->
                    change instanceof DenyRuleChange.Put
                        && draft.rows().denyRule(change.id()).isEmpty());
    if (onlyNew) {
      rights.orElseThrow().requireAdministrator();
    } else {
      // What a rule no longer denies it allows without an end (hazard 24).
      rights.orElseThrow().requireLastingAdministrator();
    }
    Set<String> named = new HashSet<>();
    for (DenyRuleChange change : command.changes()) {
      if (!named.add(change.id())) {
        throw Refusal.ofField(Fault.RECIPIENT_REPEATED, "changes", change.id(), "each rule once")
            .asException();
      }
      requireEtag(change);
      if (change instanceof DenyRuleChange.Put put) {
        put(put);
      } else if (change instanceof DenyRuleChange.Delete delete) {
        DenyRuleRow row =
            draft
                .rows()
                .denyRule(delete.id())
                .orElseThrow(() -> nothingToRemove(delete.id()).asException());
        draft.delete(row);
      }
    }
  }

  /** Makes a rule what it is to be; an administrator asks. */
  void put(DenyRuleChange.Put rule) {
    draft.requireOwn(rule.scope());
    ResourceRules.kindOf(draft, rule.scope());
    ResourceRow scope =
        draft
            .rows()
            .resource(rule.scope().relativePath())
            .orElseThrow(() -> Rights.notFound(rule.scope()).asException());
    Optional<DenyRuleRow> old = draft.rows().denyRule(rule.id());
    List<Uid> principals = uids("principals", rule.principals());
    old.ifPresent(row -> addDeleted(row.principals(), principals));
    List<Uid> exceptions = uids("exceptions", rule.exceptions());
    DenyRuleRow fresh =
        new DenyRuleRow(
            rule.id(),
            rule.description(),
            principals,
            exceptions,
            mask(draft.profile(), rule.permissions()),
            scope.uid(),
            rule.condition(),
            draft.atMicros(),
            draft.version());
    if (old.filter(row -> isSame(row, fresh)).isPresent()) {
      return;
    }
    if (old.isEmpty()) {
      requireRoom();
    }
    draft.put(fresh);
  }

  /**
   * A rule goes on to deny the deleted, whom nobody is shown and who may be restored. To put a rule
   * back as it was read would let them out of it.
   */
  private void addDeleted(List<Uid> before, List<Uid> principals) {
    for (Uid uid : before) {
      if (draft.nameOf(uid).isEmpty()) {
        principals.add(uid);
      }
    }
    principals.sort(null);
  }

  /** Removes the rules that stand on a deleted resource, where nothing is denied any more. */
  void forgetScope(Uid resource) {
    for (DenyRuleRow row : all()) {
      if (row.scope().equals(resource)) {
        draft.delete(row);
      }
    }
  }

  /**
   * Removes a deleted principal from rules, and those that denied nobody else; {@value
   * #FORGOTTEN_MAX} at a time.
   *
   * @return whether no rule names it any more
   */
  boolean forgetPrincipal(Uid principal) {
    int forgotten = 0;
    for (DenyRuleRow row : all()) {
      if (row.principals().contains(principal) || row.exceptions().contains(principal)) {
        if (forgotten == FORGOTTEN_MAX) {
          return false;
        }
        forgotten++;
        forget(row, principal);
      }
    }
    return true;
  }

  private void forget(DenyRuleRow row, Uid principal) {
    List<Uid> principals = new ArrayList<>(row.principals());
    List<Uid> exceptions = new ArrayList<>(row.exceptions());
    principals.remove(principal);
    exceptions.remove(principal);
    if (principals.isEmpty()) {
      draft.delete(row);
    } else {
      draft.put(
          new DenyRuleRow(
              row.id(),
              row.description(),
              principals,
              exceptions,
              row.mask(),
              row.scope(),
              row.condition(),
              draft.atMicros(),
              draft.version()));
    }
  }

  private void requireEtag(DenyRuleChange change) {
    String current =
        draft
            .rows()
            .denyRule(change.id())
            .map(row -> Etag.of(Uid.NONE, row.changedIn()))
            .orElse("");
    GrantRules.requireEtag("denyRules/" + change.id(), change.etag(), current);
  }

  private List<Uid> uids(String field, List<PrincipalName> names) {
    List<Uid> uids = new ArrayList<>();
    for (PrincipalName name : names) {
      uids.add(new Holders(draft).reachable(field, name));
    }
    uids.sort(null);
    return uids;
  }

  private static long mask(Profile profile, List<String> permissions) {
    long mask = 0;
    for (String permission : permissions) {
      mask |=
          profile
              .permission(permission)
              .orElseThrow(
                  () ->
                      Refusal.ofField(
                              Fault.UNKNOWN_PERMISSION,
                              "permissions",
                              permission,
                              "a permission of the profile `" + profile.name() + "`")
                          .asException());
    }
    return mask;
  }

  private void requireRoom() {
    int size = draft.count(Table.DENY_RULES) + 1;
    if (size > RULES_MAX) {
      throw Refusal.ofSize("deny rules of the organization", size, RULES_MAX).asException();
    }
  }

  private List<DenyRuleRow> all() {
    List<DenyRuleRow> all = new ArrayList<>();
    draft
        .rows()
        .eachDenyRule(
            row -> {
              all.add(row);
              return true;
            });
    return all;
  }

  private static boolean isSame(DenyRuleRow one, DenyRuleRow other) {
    return one.description().equals(other.description())
        && one.principals().equals(other.principals())
        && one.exceptions().equals(other.exceptions())
        && one.mask() == other.mask()
        && one.scope().equals(other.scope())
        && one.condition().equals(other.condition());
  }

  private Refusal nothingToRemove(String id) {
    return new Refusal(
        Fault.NOTHING_TO_REMOVE,
        "there is no deny rule `" + id + "`",
        "changes",
        Map.of(
            "principal",
            "",
            "name",
            ResourceName.ofOrganization(draft.organizationId()) + "/denyRules/" + id));
  }
}
