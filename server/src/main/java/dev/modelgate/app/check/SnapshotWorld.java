package dev.modelgate.app.check;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.decision.ReferenceWorld;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.SuspensionRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One organization of a retained publication, in the names that the reference evaluator asks in.
 */
final class SnapshotWorld implements ReferenceWorld {
  private final Published state;
  private final OrgState org;
  private final OrgRows rows;

  SnapshotWorld(Published state, OrgState org, OrgRows rows) {
    this.state = state;
    this.org = org;
    this.rows = rows;
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
    return rows.principal(principal)
        .map(row -> row.state() == PrincipalRow.State.ACTIVE ? Account.ACTIVE : Account.DISABLED)
        .orElse(Account.ABSENT);
  }

  @Override
  public Set<PrincipalName> directGroups(PrincipalName member) {
    Set<PrincipalName> groups = new HashSet<>();
    rows.principal(member)
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
  public boolean groupIsActive(PrincipalName group) {
    return account(group) == Account.ACTIVE;
  }

  @Override
  public boolean isSuspended(PrincipalName principal) {
    return rows.principal(principal)
        .flatMap(row -> rows.suspension(SuspensionRow.Target.PRINCIPAL, row.uid()))
        .isPresent();
  }

  @Override
  public boolean isSuspended(ResourceName resource) {
    return rows.resource(resource.relativePath())
        .flatMap(row -> rows.suspension(SuspensionRow.Target.RESOURCE, row.uid()))
        .isPresent();
  }

  @Override
  public boolean isRegistered(ResourceName resource) {
    return rows.resource(resource.relativePath()).isPresent();
  }

  @Override
  public List<PlainGrant> grants(ResourceName resource, PrincipalName principal) {
    Optional<Uid> holder = uid(principal);
    Optional<ResourceRow> row = rows.resource(resource.relativePath());
    List<PlainGrant> plain = new ArrayList<>();
    if (holder.isPresent() && row.isPresent()) {
      rows.grants(row.get().uid(), holder.get())
          .ifPresent(found -> found.grants().forEach(grant -> plain.add(plain(grant))));
    }
    return plain;
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
    return rows.principal(name).map(PrincipalRow::uid);
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
        role, permissions, grant.canUseData(), grant.notBeforeMicros(), grant.expiresAtMicros());
  }
}
