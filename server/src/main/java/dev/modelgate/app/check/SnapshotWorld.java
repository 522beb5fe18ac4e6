package dev.modelgate.app.check;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.ReferenceWorld;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.SuspensionRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One organization of a retained publication, in the names that the reference evaluator asks in.
 * For one thread.
 */
final class SnapshotWorld implements ReferenceWorld {
  private final Published state;
  private final OrgState org;
  private final OrgRows rows;

  private final Function<PrincipalName, Conditions> conditions;
  private final Claims claims;

  // A snapshot stands still, and the evaluator asks for the same few rows again and again.
  private final Map<PrincipalName, Optional<PrincipalRow>> principals = new HashMap<>();
  private final Map<String, Optional<ResourceRow>> resources = new HashMap<>();

  SnapshotWorld(
      Published state,
      OrgState org,
      OrgRows rows,
      Function<PrincipalName, Conditions> conditions,
      Claims claims) {
    this.state = state;
    this.org = org;
    this.rows = rows;
    this.conditions = conditions;
    this.claims = claims;
  }

  @Override
  public Profile profile() {
    return org.profile();
  }

  @Override
  public boolean organizationRestricted() {
    return org.isRestricted();
  }

  @Override
  public boolean organizationSuspended() {
    return state.isOrganizationSuspended(org.uid());
  }

  @Override
  public Account account(PrincipalName principal) {
    return principal(principal)
        .map(row -> row.state() == PrincipalRow.State.ACTIVE ? Account.ACTIVE : Account.DISABLED)
        .orElseGet(() -> isDeleted(principal) ? Account.DELETED : Account.ABSENT);
  }

  /** A link that has ended is as unknown as one that never was. */
  private boolean isDeleted(PrincipalName name) {
    return name.kind() != PrincipalKind.LINK && rows.wasDeleted(name);
  }

  @Override
  public Set<PrincipalName> directGroups(PrincipalName member) {
    Set<PrincipalName> groups = new HashSet<>();
    principal(member)
        .ifPresent(
            row ->
                rows.eachGroupOf(
                    row.uid(),
                    group -> {
                      rows.principalName(group)
                          .filter(name -> !name.isDeleted())
                          .map(PrincipalUidRow::name)
                          .ifPresent(groups::add);
                      return true;
                    }));
    return groups;
  }

  @Override
  public Set<PrincipalName> claimedGroups(PrincipalName link) {
    return Set.copyOf(claims.of(link.toString(), org.id()));
  }

  @Override
  public boolean groupIsActive(PrincipalName group) {
    return account(group) == Account.ACTIVE;
  }

  @Override
  public boolean isSuspended(PrincipalName principal) {
    return principal(principal)
        .flatMap(row -> rows.suspension(SuspensionRow.Target.PRINCIPAL, row.uid()))
        .isPresent();
  }

  @Override
  public boolean isSuspended(ResourceName resource) {
    return resource(resource.relativePath())
        .flatMap(row -> rows.suspension(SuspensionRow.Target.RESOURCE, row.uid()))
        .isPresent();
  }

  @Override
  public boolean isRegistered(ResourceName resource) {
    return resource(resource.relativePath()).isPresent();
  }

  @Override
  public List<PlainGrant> grants(ResourceName resource, PrincipalName principal) {
    Optional<Uid> holder = uid(principal);
    Optional<ResourceRow> row = resource(resource.relativePath());
    List<PlainGrant> plain = new ArrayList<>();
    if (holder.isPresent() && row.isPresent()) {
      rows.grants(row.get().uid(), holder.get())
          .ifPresent(found -> found.grants().forEach(grant -> plain.add(plain(grant))));
    }
    return plain;
  }

  @Override
  public List<PlainTypeRight> typeRights(PrincipalName holder, String kind) {
    List<PlainTypeRight> plain = new ArrayList<>();
    uid(holder)
        .flatMap(uid -> rows.typeRights(uid, kind))
        .ifPresent(
            row ->
                row.rights()
                    .forEach(
                        right ->
                            plain.add(
                                new PlainTypeRight(
                                    Set.copyOf(org.profile().permissionNames(right.mask())),
                                    right.depth(),
                                    right.effects()))));
    return plain;
  }

  @Override
  public List<PlainDenyRule> denyRules(ResourceName scope) {
    List<PlainDenyRule> plain = new ArrayList<>();
    Optional<Uid> uid = resource(scope.relativePath()).map(ResourceRow::uid);
    rows.eachDenyRule(
        rule -> {
          if (uid.isPresent() && uid.get().equals(rule.scope())) {
            plain.add(
                new PlainDenyRule(
                    names(rule.principals()),
                    names(rule.exceptions()),
                    Set.copyOf(org.profile().permissionNames(rule.mask())),
                    rule.condition()));
          }
          return true;
        });
    return plain;
  }

  @Override
  public PlainState state(ResourceName resource) {
    return resource(resource.relativePath())
        .map(ResourceRow::attributes)
        .map(found -> new PlainState(found.type(), found.unit(), found.flags()))
        .orElse(PlainState.NONE);
  }

  @Override
  public UnitName unit(PrincipalName principal) {
    return principal(principal).map(PrincipalRow::unit).orElse(UnitName.ROOT);
  }

  @Override
  public boolean isFeatureOn(String feature) {
    Map<String, Boolean> own = rows.settings().map(SettingsRow::features).orElse(Map.of());
    return own.getOrDefault(
        feature, org.profile().states().features().getOrDefault(feature, false));
  }

  @Override
  public Conditions conditions(PrincipalName link) {
    return conditions.apply(link);
  }

  private Set<PrincipalName> names(List<Uid> uids) {
    Set<PrincipalName> names = new HashSet<>();
    for (Uid uid : uids) {
      if (uid.equals(Uid.ORGANIZATION)) {
        names.add(PrincipalName.organization(org.id()));
      } else if (uid.equals(Uid.ALL_USERS)) {
        names.add(PrincipalName.ALL_USERS);
      } else if (uid.equals(Uid.ALL_AUTHENTICATED_USERS)) {
        names.add(PrincipalName.ALL_AUTHENTICATED_USERS);
      } else {
        rows.principalName(uid)
            .filter(row -> !row.isDeleted())
            .map(PrincipalUidRow::name)
            .ifPresent(names::add);
      }
    }
    return names;
  }

  private Optional<Uid> uid(PrincipalName name) {
    if (name.kind() == PrincipalKind.ORGANIZATION) {
      return name.id().equals(org.id()) ? Optional.of(Uid.ORGANIZATION) : Optional.empty();
    }
    if (name.kind() == PrincipalKind.ALL_USERS) {
      return Optional.of(Uid.ALL_USERS);
    }
    if (name.kind() == PrincipalKind.ALL_AUTHENTICATED_USERS) {
      return Optional.of(Uid.ALL_AUTHENTICATED_USERS);
    }
    return principal(name).map(PrincipalRow::uid);
  }

  private Optional<PrincipalRow> principal(PrincipalName name) {
    return principals.computeIfAbsent(name, rows::principal);
  }

  private Optional<ResourceRow> resource(String path) {
    return resources.computeIfAbsent(path, rows::resource);
  }

  /**
   * A role that the profile no longer declares gives nothing: it is shown as no permissions at all.
   */
  private PlainGrant plain(Grant grant) {
    String role =
        grant.role() == Grant.RAW
            ? ""
            : org.profile().role(grant.role()).map(Role::name).orElse("");
    Set<String> permissions = Set.copyOf(org.profile().permissionNames(grant.mask()));
    return new PlainGrant(
        role,
        permissions,
        grant.canShare(),
        grant.canUseData(),
        grant.notBeforeMicros(),
        grant.expiresAtMicros(),
        grant.condition());
  }
}
