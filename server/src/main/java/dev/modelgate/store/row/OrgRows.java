package dev.modelgate.store.row;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * Typed reading of one organization's rows. Every method throws {@link
 * dev.modelgate.store.StoreException} rather than take damage for absence (hazard 4).
 */
public final class OrgRows {
  private static final byte[] START = {};

  private final OrgView view;

  /** Reads through a view. */
  public OrgRows(OrgView view) {
    this.view = view;
  }

  /** The rows in their raw form. */
  public OrgView view() {
    return view;
  }

  /** The settings; empty for an organization that is not initialized. */
  public Optional<SettingsRow> settings() {
    return Optional.ofNullable(view.get(Table.SETTINGS, SettingsRow.KEY)).map(SettingsRow::decode);
  }

  /** That version of the profile. */
  public Optional<ProfileRow> profile(long version) {
    return Optional.ofNullable(view.get(Table.PROFILES, ProfileRow.key(version)))
        .map(ProfileRow::decode);
  }

  /** Walks the versions of the profile from one on, until the visitor answers false. */
  public void eachProfile(long from, Predicate<ProfileRow> visitor) {
    each(
        Table.PROFILES,
        START,
        ProfileRow.key(from),
        (key, value) -> ProfileRow.decode(value),
        visitor);
  }

  /** The principal of that name, unless it is deleted. */
  public Optional<PrincipalRow> principal(PrincipalName name) {
    return Optional.ofNullable(view.get(Table.PRINCIPALS, PrincipalRow.key(name)))
        .map(PrincipalRow::decode);
  }

  /** Whether a principal of that name was ever deleted; somebody else may bear it now. */
  public boolean wasDeleted(PrincipalName name) {
    return view.get(Table.DELETED_NAMES, PrincipalRow.key(name)) != null;
  }

  /** The name behind a uid, also of a deleted principal. */
  public Optional<PrincipalUidRow> principalName(Uid uid) {
    return Optional.ofNullable(view.get(Table.PRINCIPAL_UIDS, PrincipalUidRow.key(uid)))
        .map(PrincipalUidRow::decode);
  }

  /** The principal of that uid, unless it is deleted. */
  public Optional<PrincipalRow> principal(Uid uid) {
    return principalName(uid).filter(row -> !row.isDeleted()).flatMap(row -> principal(row.name()));
  }

  /** The resource at that path below the organization. */
  public Optional<ResourceRow> resource(String path) {
    return Optional.ofNullable(view.get(Table.RESOURCES, ResourceRow.key(path)))
        .map(ResourceRow::decode);
  }

  /** The path behind a uid, also of a deleted resource. */
  public Optional<ResourceUidRow> resourcePath(Uid uid) {
    return Optional.ofNullable(view.get(Table.RESOURCE_UIDS, ResourceUidRow.key(uid)))
        .map(ResourceUidRow::decode);
  }

  /** The grants of a pair. */
  public Optional<GrantRow> grants(Uid resource, Uid principal) {
    byte[] key = GrantRow.key(resource, principal);
    return Optional.ofNullable(view.get(Table.GRANTS, key))
        .map(value -> GrantRow.decode(key, value));
  }

  /** The membership of a pair. */
  public Optional<MemberRow> member(Uid group, Uid member) {
    byte[] key = MemberRow.key(group, member);
    return Optional.ofNullable(view.get(Table.MEMBERS, key))
        .map(value -> MemberRow.decode(key, value));
  }

  /** The suspension of a thing. */
  public Optional<SuspensionRow> suspension(SuspensionRow.Target target, Uid uid) {
    return Optional.ofNullable(view.get(Table.SUSPENSIONS, SuspensionRow.key(target, uid)))
        .map(SuspensionRow::decode);
  }

  /** The organization of that id; only in {@code system}. */
  public Optional<OrganizationRow> organization(String id) {
    return Optional.ofNullable(view.get(Table.ORGANIZATIONS, OrganizationRow.key(id)))
        .map(OrganizationRow::decode);
  }

  /** Walks the grants of a resource by principal uid, until the visitor answers false. */
  public void eachGrantOf(Uid resource, Predicate<GrantRow> visitor) {
    each(Table.GRANTS, GrantRow.prefix(resource), START, GrantRow::decode, visitor);
  }

  /**
   * Walks the uids of the resources on which a principal has grants, until the visitor answers
   * false.
   */
  public void eachResourceGrantedTo(Uid principal, Predicate<Uid> visitor) {
    each(Table.GRANTS_BY_PRINCIPAL, Layout.key(principal), START, OrgRows::second, visitor);
  }

  /** Walks the members of a group by uid, until the visitor answers false. */
  public void eachMemberOf(Uid group, Predicate<MemberRow> visitor) {
    each(Table.MEMBERS, MemberRow.prefix(group), START, MemberRow::decode, visitor);
  }

  /** Walks the uids of the groups that hold a member directly, until the visitor answers false. */
  public void eachGroupOf(Uid member, Predicate<Uid> visitor) {
    each(Table.GROUPS_OF, Layout.key(member), START, OrgRows::second, visitor);
  }

  /** Walks everything that is suspended, until the visitor answers false. */
  public void eachSuspension(Predicate<SuspensionRow> visitor) {
    each(Table.SUSPENSIONS, START, START, (key, value) -> SuspensionRow.decode(value), visitor);
  }

  /** Walks the uids of all groups that are inactive, until the visitor answers false. */
  public void eachInactiveGroup(Predicate<Uid> visitor) {
    each(
        Table.INACTIVE_GROUPS,
        START,
        START,
        (key, value) -> InactiveGroupRow.decode(value).uid(),
        visitor);
  }

  /** The rights of a principal for a kind. */
  public Optional<TypeRightRow> typeRights(Uid principal, String kind) {
    return Optional.ofNullable(view.get(Table.TYPE_RIGHTS, TypeRightRow.key(principal, kind)))
        .map(TypeRightRow::decode);
  }

  /** The deny rule of that id. */
  public Optional<DenyRuleRow> denyRule(String id) {
    return Optional.ofNullable(view.get(Table.DENY_RULES, DenyRuleRow.key(id)))
        .map(DenyRuleRow::decode);
  }

  /** The external link of that principal. */
  public Optional<LinkRow> link(Uid uid) {
    return Optional.ofNullable(view.get(Table.LINKS, LinkRow.key(uid))).map(LinkRow::decode);
  }

  /**
   * Walks type rights by principal uid and kind, until the visitor answers false.
   *
   * @param principal only those of this one; empty for all
   */
  public void eachTypeRight(Optional<Uid> principal, Predicate<TypeRightRow> visitor) {
    byte[] prefix = principal.map(TypeRightRow::prefix).orElse(START);
    each(Table.TYPE_RIGHTS, prefix, START, (key, value) -> TypeRightRow.decode(value), visitor);
  }

  /** Walks all deny rules by id, until the visitor answers false. */
  public void eachDenyRule(Predicate<DenyRuleRow> visitor) {
    each(Table.DENY_RULES, START, START, (key, value) -> DenyRuleRow.decode(value), visitor);
  }

  /** Walks all external links, until the visitor answers false. */
  public void eachLink(Predicate<LinkRow> visitor) {
    each(Table.LINKS, START, START, (key, value) -> LinkRow.decode(value), visitor);
  }

  /** What a deleted object left to sweep. */
  public Optional<OrphanRow> orphan(Uid uid) {
    return Optional.ofNullable(view.get(Table.ORPHANS, OrphanRow.key(uid))).map(OrphanRow::decode);
  }

  /** Walks everything that is to be swept, until the visitor answers false. */
  public void eachOrphan(Predicate<OrphanRow> visitor) {
    each(Table.ORPHANS, START, START, (key, value) -> OrphanRow.decode(value), visitor);
  }

  /**
   * Walks a table in key order, until the visitor answers false.
   *
   * @param prefix what the keys begin with; empty for all
   * @param from the first key, inclusive; empty for the first of the prefix
   */
  public <R> void each(
      Table table,
      byte[] prefix,
      byte[] from,
      BiFunction<byte[], byte[], R> decoder,
      Predicate<R> visitor) {
    try (RowCursor rows = view.scan(table, prefix, from)) {
      boolean more = rows.next();
      while (more) {
        more = visitor.test(decoder.apply(rows.key(), rows.value())) && rows.next();
      }
    }
  }

  private static Uid second(byte[] key, byte[] value) {
    ByteReader pair = new ByteReader(key);
    pair.fixed64();
    return Layout.uid(pair.fixed64());
  }
}
