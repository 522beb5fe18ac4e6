package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Etag;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.LinkRow;
import dev.modelgate.store.row.OrganizationRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.SuspensionRow;
import dev.modelgate.store.row.TypeRightRow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Turns rows of one organization into what administrators see. Suspensions are those of the
 * published state, whichever row is shown.
 */
final class Views {
  private final Published state;
  private final OrgState org;
  private final Names names;

  Views(Published state, OrgState org, Names names) {
    this.state = state;
    this.org = org;
    this.names = names;
  }

  /**
   * The organization with those settings.
   *
   * @param revision the token to show
   */
  OrganizationView organization(SettingsRow row, String revision) {
    Optional<SuspensionView> suspension =
        Optional.ofNullable(
                state
                    .system()
                    .suspensions()
                    .get(new OrgState.Suspended(SuspensionRow.Target.ORGANIZATION, org.uid())))
            .map(this::suspension);
    OrganizationView.State works =
        suspension.isPresent() ? OrganizationView.State.SUSPENDED : OrganizationView.State.ACTIVE;
    return new OrganizationView(
        row.id(),
        org.uid().toString(),
        row.displayName(),
        row.features(),
        row.profile(),
        row.profileVersion(),
        works,
        Etag.of(Uid.ORGANIZATION, row.changedIn()),
        Micros.toInstant(row.createdAtMicros()),
        Micros.toInstant(row.changedAtMicros()),
        revision,
        suspension);
  }

  /** An organization whose rows are not to be believed. */
  static OrganizationView restricted(OrgState org) {
    return new OrganizationView(
        org.id(),
        org.uid().toString(),
        "",
        Map.of(),
        "",
        0,
        OrganizationView.State.RESTRICTED,
        "",
        Instant.EPOCH,
        Instant.EPOCH,
        org.token(),
        Optional.empty());
  }

  /** An organization as its registration in {@code system} shows it. */
  static OrganizationView registered(OrganizationRow row, String revision) {
    return new OrganizationView(
        row.id(),
        row.uid().toString(),
        "",
        Map.of(),
        "",
        0,
        OrganizationView.State.ACTIVE,
        "",
        Micros.toInstant(row.createdAtMicros()),
        Micros.toInstant(row.createdAtMicros()),
        revision,
        Optional.empty());
  }

  PrincipalView principal(PrincipalRow row) {
    return new PrincipalView(
        row.name(),
        row.uid().toString(),
        row.state() == PrincipalRow.State.ACTIVE
            ? PrincipalView.State.ACTIVE
            : PrincipalView.State.DISABLED,
        row.groupType(),
        row.displayName(),
        row.unit(),
        Etag.of(row.uid(), row.changedIn()),
        Optional.of(Micros.toInstant(row.createdAtMicros())),
        Micros.toInstant(row.changedAtMicros()),
        suspension(SuspensionRow.Target.PRINCIPAL, row.uid()));
  }

  PrincipalView deletedPrincipal(PrincipalUidRow row) {
    return new PrincipalView(
        row.name(),
        row.uid().toString(),
        PrincipalView.State.DELETED,
        PrincipalRow.GroupType.NONE,
        "",
        UnitName.ROOT,
        "",
        Optional.empty(),
        Micros.toInstant(row.deletedAtMicros()),
        Optional.empty());
  }

  ResourceView resource(ResourceRow row) {
    ResourceName name = names.fullName(row.path());
    return new ResourceView(
        name,
        org.compiled().flatMap(profile -> profile.kindOf(name)).map(kind -> kind.name()).orElse(""),
        row.uid().toString(),
        row.attributes(),
        Etag.of(row.uid(), row.changedIn()),
        Micros.toInstant(row.createdAtMicros()),
        Micros.toInstant(row.changedAtMicros()),
        suspension(SuspensionRow.Target.RESOURCE, row.uid()));
  }

  /** One of the grants of a pair. */
  GrantView grant(GrantRow row, Grant grant) {
    return new GrantView(
        names.fullName(names.resource(row.resource()).path()),
        names.principalText(row.principal()),
        roleName(grant),
        grant.role() == Grant.RAW ? permissionNames(grant.mask()) : List.of(),
        grant.canShare(),
        grant.canUseData(),
        grant.notBeforeMicros(),
        grant.expiresAtMicros(),
        grant.note(),
        grant.condition(),
        grant.origin(),
        names.author(grant.grantedBy()),
        Micros.toInstant(grant.grantedAtMicros()));
  }

  /**
   * An external link.
   *
   * @param grant its grant; empty where that is shown for itself
   */
  LinkView link(LinkRow row, Optional<Grant> grant) {
    return new LinkView(
        names.fullName(names.resource(row.resource()).path()),
        row.id(),
        grant.map(this::roleName).orElse(""),
        grant.map(Grant::expiresAtMicros).orElse(Micros.NEVER),
        Etag.of(row.uid(), row.changedIn()),
        Micros.toInstant(row.changedAtMicros()));
  }

  /** A deny rule; deleted principals are not named, though the sweeper has not met them yet. */
  DenyRuleView denyRule(DenyRuleRow row) {
    return denyRule(row, named -> !named.isDeleted());
  }

  /** A deny rule with those of its principals that are wanted. */
  DenyRuleView denyRule(DenyRuleRow row, Predicate<PrincipalUidRow> wanted) {
    return new DenyRuleView(
        row.id(),
        row.description(),
        principalTexts(row.principals(), wanted),
        principalTexts(row.exceptions(), wanted),
        permissionNames(row.mask()),
        names.fullName(names.resource(row.scope()).path()),
        row.condition(),
        Etag.of(Uid.NONE, row.changedIn()),
        Micros.toInstant(row.changedAtMicros()));
  }

  private List<String> principalTexts(List<Uid> uids, Predicate<PrincipalUidRow> wanted) {
    return uids.stream()
        .map(names::principal)
        .filter(wanted)
        .map(named -> named.name().toString())
        .distinct()
        .sorted()
        .toList();
  }

  /** One of the rights of a principal for a kind. */
  TypeRightView typeRight(TypeRightRow row, TypeRightRow.Right right) {
    return new TypeRightView(
        names.principalText(row.principal()),
        row.kind(),
        permissionNames(right.mask()),
        right.depth(),
        right.effects(),
        names.author(right.grantedBy()),
        Micros.toInstant(right.grantedAtMicros()));
  }

  SuspensionView suspension(SuspensionRow row) {
    return new SuspensionView(
        Names.SYSTEM_ADMINISTRATOR,
        row.by().equals(Uid.NONE) ? "" : names.principalText(row.by()),
        Micros.toInstant(row.sinceMicros()),
        row.reason());
  }

  private Optional<SuspensionView> suspension(SuspensionRow.Target target, Uid uid) {
    return Optional.ofNullable(org.suspensions().get(new OrgState.Suspended(target, uid)))
        .map(this::suspension);
  }

  /** The role's name also where the profile no longer declares it: the vocabulary keeps it. */
  private String roleName(Grant grant) {
    if (grant.role() == Grant.RAW) {
      return "";
    }
    List<String> all =
        org.settings().map(settings -> settings.vocabulary().roles()).orElse(List.of());
    return grant.role() < all.size()
        ? all.get(grant.role())
        : org.compiled().flatMap(profile -> profile.role(grant.role())).map(Role::name).orElse("");
  }

  private List<String> permissionNames(long mask) {
    return org.compiled()
        .map(profile -> profile.permissionNames(mask).stream().sorted().toList())
        .orElse(List.of());
  }
}
