package dev.modelgate.app.sharing;

import dev.modelgate.app.state.OrgContext;
import dev.modelgate.app.state.OrgRules;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.InactiveGroupRow;
import dev.modelgate.store.row.NoticeRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.Row;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.SuspensionRow;
import dev.modelgate.store.row.TypeRightRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One command being worked out: the organization's state at head as the command's own changes leave
 * it so far, and these changes. Rules read and write here; what is read is what a check would see
 * behind the change set.
 */
final class Draft implements OrgContext {
  private static final byte[] START = {};

  private final String organizationId;
  private final Profile profile;
  private final Overlay overlay;
  private final OrgRows rows;
  private final LastRows last;
  private final long version;
  private final long atMicros;
  private final List<Notice> notices = new ArrayList<>();
  private int made;

  /** A recipient who is to be told of a grant. */
  private record Notice(Uid resource, Uid principal, Grant grant) {}

  /**
   * Begins with a state.
   *
   * @param head the organization at head
   * @param profile its compiled profile
   * @param atMicros the command's time; the only clock that rules know (hazard 24)
   */
  Draft(String organizationId, OrgView head, Profile profile, long atMicros) {
    this.organizationId = organizationId;
    this.profile = profile;
    this.overlay = new Overlay(head);
    this.rows = new OrgRows(overlay);
    this.last = new LastRows(rows, profile);
    this.version = head.head().version() + 1;
    this.atMicros = atMicros;
  }

  String organizationId() {
    return organizationId;
  }

  OrgRows rows() {
    return rows;
  }

  /** What {@link #rows} and the profile say, cheap for what was asked for last. */
  LastRows last() {
    return last;
  }

  /** The version that the change set will make. */
  long version() {
    return version;
  }

  long atMicros() {
    return atMicros;
  }

  SettingsRow settings() {
    return rows.settings()
        .orElseThrow(
            () -> new IllegalStateException("a draft of an organization without settings"));
  }

  @Override
  public Profile profile() {
    return profile;
  }

  @Override
  public boolean isPrincipalSuspended(Uid principal) {
    return rows.suspension(SuspensionRow.Target.PRINCIPAL, principal).isPresent();
  }

  @Override
  public boolean isResourceSuspended(Uid resource) {
    return rows.suspension(SuspensionRow.Target.RESOURCE, resource).isPresent();
  }

  @Override
  public boolean isInactiveGroup(Uid group) {
    return overlay.get(Table.INACTIVE_GROUPS, new InactiveGroupRow(group).key()) != null;
  }

  @Override
  public Optional<TypeRightRow> typeRights(Uid principal, String kind) {
    return rows.typeRights(principal, kind);
  }

  @Override
  public List<DenyRuleRow> denyRules(Uid scope) {
    return last.denyRules().getOrDefault(scope, List.of());
  }

  @Override
  public Map<Uid, List<DenyRuleRow>> denyRules() {
    return last.denyRules();
  }

  @Override
  public Set<String> featuresOff() {
    return OrgRules.featuresOff(profile, settings());
  }

  void put(Row row) {
    change(row.put());
  }

  void delete(Row row) {
    change(row.delete());
  }

  void change(Mutation mutation) {
    overlay.put(mutation);
    last.changed(mutation.table());
  }

  /** How many rows a table has. Reads all of them. */
  int count(Table table) {
    int count = 0;
    try (RowCursor cursor = overlay.scan(table, START, START)) {
      while (cursor.next()) {
        count++;
      }
    }
    return count;
  }

  /** A uid that was never given before. */
  Uid newUid(boolean set) {
    if (made > Uid.ORDINAL_MAX) {
      throw Refusal.ofSize("objects of one change", made, Uid.ORDINAL_MAX).asException();
    }
    return Uid.of(version, made++, set);
  }

  /** Has the recipient told of a grant that this command writes, if it is there at the end. */
  void tell(Uid resource, Uid principal, Grant grant) {
    notices.add(new Notice(resource, principal, grant));
  }

  /** What has changed, one mutation per row, in row order, and who is told. */
  List<Mutation> mutations() {
    Map<GrantRow, Set<Integer>> told = new LinkedHashMap<>();
    for (Notice notice : notices) {
      rows.grants(notice.resource(), notice.principal())
          .filter(row -> row.grants().contains(notice.grant()))
          .ifPresent(
              row ->
                  told.computeIfAbsent(row, any -> new TreeSet<>())
                      .add(row.grants().indexOf(notice.grant())));
    }
    told.forEach(
        (row, indexes) ->
            put(new NoticeRow(row.resource(), row.principal(), List.copyOf(indexes))));
    return overlay.mutations();
  }

  /**
   * The uid of a principal that grants and memberships can name; empty for one without a record.
   */
  Optional<Uid> uidOf(PrincipalName name) {
    return switch (name.kind()) {
      case ORGANIZATION ->
          name.id().equals(organizationId) ? Optional.of(Uid.ORGANIZATION) : Optional.empty();
      case ALL_USERS -> Optional.of(Uid.ALL_USERS);
      case ALL_AUTHENTICATED_USERS -> Optional.of(Uid.ALL_AUTHENTICATED_USERS);
      case USER, SERVICE_ACCOUNT, APP, GROUP, DOMAIN, LINK ->
          last.principal(name).map(PrincipalRow::uid);
      case ANONYMOUS -> Optional.empty();
    };
  }

  /**
   * Makes the record of an account of which nothing is known but its name. Not that of a deleted
   * one, whom an administrator alone brings back, for it may do again what everybody may (hazard
   * 31).
   *
   * @param field the request's field, for a refusal
   * @throws dev.modelgate.model.RefusedException RECIPIENT_INACTIVE
   */
  PrincipalRow admit(String field, PrincipalName name) {
    if (name.kind() != PrincipalKind.DOMAIN && rows.wasDeleted(name)) {
      throw Refusal.ofField(
              Fault.RECIPIENT_INACTIVE,
              field,
              name.toString(),
              "an active principal, not a deleted one")
          .asException();
    }
    return create(name);
  }

  /** Makes the record of a principal of which nothing is known but its name. */
  PrincipalRow create(PrincipalName name) {
    return create(name, PrincipalRow.State.ACTIVE, PrincipalRow.GroupType.NONE, "", UnitName.ROOT);
  }

  /** The name behind a uid that grants name; empty for a deleted principal. */
  Optional<PrincipalName> nameOf(Uid uid) {
    if (uid.equals(Uid.ORGANIZATION)) {
      return Optional.of(PrincipalName.organization(organizationId));
    }
    if (uid.equals(Uid.ALL_USERS)) {
      return Optional.of(PrincipalName.ALL_USERS);
    }
    if (uid.equals(Uid.ALL_AUTHENTICATED_USERS)) {
      return Optional.of(PrincipalName.ALL_AUTHENTICATED_USERS);
    }
    return rows.principalName(uid).filter(row -> !row.isDeleted()).map(PrincipalUidRow::name);
  }

  /** The name behind a resource's uid; empty for a deleted one. */
  Optional<ResourceName> nameOfResource(Uid uid) {
    ResourceName root = ResourceName.ofOrganization(organizationId);
    return rows.resourcePath(uid)
        .filter(row -> !row.isDeleted())
        .map(row -> row.path().isEmpty() ? root : ResourceName.parse(root + "/" + row.path()));
  }

  /** Makes the record of a principal that has none. */
  PrincipalRow create(
      PrincipalName name,
      PrincipalRow.State state,
      PrincipalRow.GroupType type,
      String displayName,
      UnitName unit) {
    PrincipalRow row =
        new PrincipalRow(
            name,
            newUid(name.kind().isSet()),
            state,
            type,
            displayName,
            unit,
            atMicros,
            atMicros,
            version);
    put(row);
    put(new PrincipalUidRow(row.uid(), name, 0));
    return row;
  }

  /** Refuses a resource of another organization, which cannot be reached from here. */
  void requireOwn(ResourceName resource) {
    if (!resource.organizationId().equals(organizationId)) {
      throw new IllegalStateException("a command to " + organizationId + " names " + resource);
    }
  }
}
