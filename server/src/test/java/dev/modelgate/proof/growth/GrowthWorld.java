package dev.modelgate.proof.growth;

import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.ReferenceWorld;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.SuspensionRow;
import dev.modelgate.store.row.TypeRightRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Rows as the reference evaluator asks for them, read once and as they are now. */
final class GrowthWorld implements ReferenceWorld {
  private static final byte[] ALL = {};

  private final Profile profile;
  private final Conditions given;
  private final Map<PrincipalName, PrincipalRow> principals = new HashMap<>();
  private final Map<Uid, PrincipalName> names = new HashMap<>();
  private final Map<PrincipalName, Set<PrincipalName>> groups = new HashMap<>();
  private final Map<ResourceName, ResourceRow> resources = new HashMap<>();
  private final Map<ResourceName, Map<PrincipalName, List<PlainGrant>>> grants = new HashMap<>();
  private final Map<PrincipalName, Map<String, List<PlainTypeRight>>> rights = new HashMap<>();
  private final Map<ResourceName, List<PlainDenyRule>> rules = new HashMap<>();
  private final Set<Uid> suspended = new HashSet<>();

  /**
   * Reads rows.
   *
   * @param given what conditions come to, but for those that name the principal
   */
  GrowthWorld(OrgRows rows, Profile profile, Conditions given) {
    this.profile = profile;
    this.given = given;
    rows.each(
        Table.PRINCIPALS,
        ALL,
        ALL,
        (key, value) -> PrincipalRow.decode(value),
        row -> {
          principals.put(row.name(), row);
          names.put(row.uid(), row.name());
          return true;
        });
    names.put(Uid.ORGANIZATION, PrincipalName.organization(GrowthSetting.ID));
    names.put(Uid.ALL_USERS, PrincipalName.ALL_USERS);
    names.put(Uid.ALL_AUTHENTICATED_USERS, PrincipalName.ALL_AUTHENTICATED_USERS);
    principals.forEach((name, row) -> groups.put(name, groupsOf(rows, row.uid())));
    rows.each(
        Table.RESOURCES,
        ALL,
        ALL,
        (key, value) -> ResourceRow.decode(value),
        row -> {
          resources.put(GrowthSetting.path(row.path()), row);
          return true;
        });
    resources.forEach((name, row) -> grants.put(name, grantsOn(rows, row.uid())));
    rows.eachTypeRight(
        Optional.empty(),
        row -> {
          if (names.containsKey(row.principal())) {
            rights
                .computeIfAbsent(names.get(row.principal()), any -> new HashMap<>())
                .put(row.kind(), row.rights().stream().map(this::plain).toList());
          }
          return true;
        });
    resources.forEach((name, row) -> rules.put(name, rulesOn(rows, row.uid())));
    rows.eachSuspension(
        row -> {
          suspended.add(row.uid());
          return row.target() != SuspensionRow.Target.ORGANIZATION;
        });
  }

  /** Its members by group, for who looks at more than answers. */
  Map<PrincipalName, Set<PrincipalName>> groups() {
    return groups;
  }

  /** The records of principals. */
  Map<PrincipalName, PrincipalRow> principals() {
    return principals;
  }

  /** The records of resources. */
  Map<ResourceName, ResourceRow> resources() {
    return resources;
  }

  /** What bounds and denies, as it is written: nobody but an administrator changes it. */
  Map<List<Object>, Object> bounds() {
    Map<List<Object>, Object> ceilings = new HashMap<>();
    rights.forEach(
        (holder, kinds) ->
            kinds.forEach(
                (kind, held) -> {
                  List<PlainTypeRight> bounding =
                      held.stream().filter(r -> r.effects().contains(Effect.BOUNDS)).toList();
                  if (!bounding.isEmpty()) {
                    ceilings.put(List.of(holder, kind), bounding);
                  }
                }));
    return ceilings;
  }

  @Override
  public Profile profile() {
    return profile;
  }

  @Override
  public boolean organizationRestricted() {
    return false;
  }

  @Override
  public boolean organizationSuspended() {
    return false;
  }

  @Override
  public Account account(PrincipalName principal) {
    PrincipalRow row = principals.get(principal);
    if (row == null) {
      return Account.ABSENT;
    }
    return row.state() == PrincipalRow.State.ACTIVE ? Account.ACTIVE : Account.DISABLED;
  }

  @Override
  public Set<PrincipalName> directGroups(PrincipalName member) {
    return groups.getOrDefault(member, Set.of());
  }

  @Override
  public boolean groupIsActive(PrincipalName group) {
    return account(group) == Account.ACTIVE;
  }

  @Override
  public boolean isSuspended(PrincipalName principal) {
    PrincipalRow row = principals.get(principal);
    return row != null && suspended.contains(row.uid());
  }

  @Override
  public boolean isSuspended(ResourceName resource) {
    ResourceRow row = resources.get(resource);
    return row != null && suspended.contains(row.uid());
  }

  @Override
  public boolean isRegistered(ResourceName resource) {
    return resources.containsKey(resource);
  }

  @Override
  public List<PlainGrant> grants(ResourceName resource, PrincipalName principal) {
    return grants.getOrDefault(resource, Map.of()).getOrDefault(principal, List.of());
  }

  @Override
  public List<PlainTypeRight> typeRights(PrincipalName holder, String kind) {
    return rights.getOrDefault(holder, Map.of()).getOrDefault(kind, List.of());
  }

  @Override
  public List<PlainDenyRule> denyRules(ResourceName scope) {
    return rules.getOrDefault(scope, List.of());
  }

  @Override
  public PlainState state(ResourceName resource) {
    ResourceRow row = resources.get(resource);
    return row == null
        ? PlainState.NONE
        : new PlainState(
            row.attributes().type(), row.attributes().unit(), row.attributes().flags());
  }

  @Override
  public UnitName unit(PrincipalName principal) {
    PrincipalRow row = principals.get(principal);
    return row == null ? UnitName.ROOT : row.unit();
  }

  @Override
  public Conditions conditions(PrincipalName link) {
    return condition ->
        condition.startsWith("principal")
            ? new Conditions.Result(
                condition.contains(link.toString())
                    ? Conditions.Truth.TRUE
                    : Conditions.Truth.FALSE,
                Set.of(),
                false)
            : given.evaluate(condition);
  }

  private Set<PrincipalName> groupsOf(OrgRows rows, Uid member) {
    Set<PrincipalName> found = new HashSet<>();
    rows.eachGroupOf(
        member,
        group -> {
          if (names.containsKey(group)) {
            found.add(names.get(group));
          }
          return true;
        });
    return found;
  }

  private Map<PrincipalName, List<PlainGrant>> grantsOn(OrgRows rows, Uid resource) {
    Map<PrincipalName, List<PlainGrant>> found = new HashMap<>();
    rows.eachGrantOf(
        resource,
        row -> {
          if (names.containsKey(row.principal())) {
            found.put(names.get(row.principal()), row.grants().stream().map(this::plain).toList());
          }
          return true;
        });
    return found;
  }

  private List<PlainDenyRule> rulesOn(OrgRows rows, Uid resource) {
    List<PlainDenyRule> found = new ArrayList<>();
    rows.eachDenyRule(
        row -> {
          if (row.scope().equals(resource)) {
            found.add(
                new PlainDenyRule(
                    named(row.principals()),
                    named(row.exceptions()),
                    Set.copyOf(profile.permissionNames(row.mask())),
                    row.condition()));
          }
          return true;
        });
    return found;
  }

  private Set<PrincipalName> named(List<Uid> uids) {
    return uids.stream().filter(names::containsKey).map(names::get).collect(Collectors.toSet());
  }

  private PlainTypeRight plain(TypeRightRow.Right right) {
    return new PlainTypeRight(
        Set.copyOf(profile.permissionNames(right.mask())), right.depth(), right.effects());
  }

  private PlainGrant plain(Grant grant) {
    Optional<Role> role = grant.role() == Grant.RAW ? Optional.empty() : profile.role(grant.role());
    return new PlainGrant(
        role.map(Role::name).orElse(""),
        Set.copyOf(profile.permissionNames(grant.mask())),
        grant.canShare(),
        grant.canUseData(),
        grant.notBeforeMicros(),
        grant.expiresAtMicros(),
        grant.condition());
  }
}
