package dev.modelgate.app.query;

import dev.modelgate.app.query.Change.DenyRuleDelete;
import dev.modelgate.app.query.Change.DenyRulePut;
import dev.modelgate.app.query.Change.GrantPut;
import dev.modelgate.app.query.Change.GrantsDelete;
import dev.modelgate.app.query.Change.LinkDelete;
import dev.modelgate.app.query.Change.LinkPut;
import dev.modelgate.app.query.Change.MembershipDelete;
import dev.modelgate.app.query.Change.MembershipPut;
import dev.modelgate.app.query.Change.OrganizationPut;
import dev.modelgate.app.query.Change.PrincipalDelete;
import dev.modelgate.app.query.Change.PrincipalPut;
import dev.modelgate.app.query.Change.ProfilePut;
import dev.modelgate.app.query.Change.ResourceDelete;
import dev.modelgate.app.query.Change.ResourcePut;
import dev.modelgate.app.query.Change.SuspensionDelete;
import dev.modelgate.app.query.Change.SuspensionPut;
import dev.modelgate.app.query.Change.TypeRightPut;
import dev.modelgate.app.query.Change.TypeRightsDelete;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Revision;
import dev.modelgate.store.Table;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.LinkRow;
import dev.modelgate.store.row.MemberRow;
import dev.modelgate.store.row.OrganizationRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ProfileRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceUidRow;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.SuspensionRow;
import dev.modelgate.store.row.TypeRightRow;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tells change sets in names instead of uids.
 *
 * <p>A name never moves from one uid to another and the rows behind uids outlive what they name, so
 * any state at or after the change set has the names of its time. A deletion shows in the row
 * behind the uid, which holds name and uid both; the removal of the named row is then not told
 * again. Orphans and inactive groups are consequences that have no name of their own.
 */
final class ChangeNaming {
  private final Published state;
  private final OrgState org;
  private final Names names;
  private final Views views;

  ChangeNaming(Published state, Reading reading) {
    this.state = state;
    this.org = reading.org();
    this.names = reading.names();
    this.views = reading.views();
  }

  ChangeEvent event(ChangeSet changeSet) {
    String revision = revision(changeSet);
    List<Change> changes = new ArrayList<>();
    if (!changeSet.actor().equals(Actor.SWEEPER)) {
      changeSet.mutations().forEach(mutation -> tell(mutation, revision, changes));
    }
    return event(changeSet, changes);
  }

  /** Adds what one mutation of a change set means; most mean one change, some none. */
  void tell(Mutation mutation, String revision, List<Change> changes) {
    if (mutation instanceof Mutation.Put put) {
      put(put, revision, changes);
    } else {
      delete(mutation, changes);
    }
  }

  /** Who changed something, when and why, without what. */
  ChangeEvent heading(ChangeSet changeSet) {
    return event(changeSet, List.of());
  }

  private ChangeEvent event(ChangeSet changeSet, List<Change> changes) {
    return new ChangeEvent(
        revision(changeSet),
        actor(changeSet.actor()),
        changeSet.actor().onBehalfOf(),
        changeSet.at(),
        changeSet.reason(),
        changeSet.requestId().text(),
        changes);
  }

  private String revision(ChangeSet changeSet) {
    return new Revision(org.revision().lineage(), org.uid(), changeSet.version()).token();
  }

  private void put(Mutation.Put put, String revision, List<Change> changes) {
    byte[] value = put.value();
    switch (put.table()) {
      case SETTINGS ->
          changes.add(new OrganizationPut(views.organization(SettingsRow.decode(value), revision)));
      case ORGANIZATIONS ->
          changes.add(
              new OrganizationPut(Views.registered(OrganizationRow.decode(value), revision)));
      case PRINCIPALS -> {
        PrincipalRow row = PrincipalRow.decode(value);
        if (row.name().kind() != PrincipalKind.LINK) {
          changes.add(new PrincipalPut(views.principal(row)));
        }
      }
      case PRINCIPAL_UIDS -> deleted(PrincipalUidRow.decode(value), changes);
      case RESOURCES -> changes.add(new ResourcePut(views.resource(ResourceRow.decode(value))));
      case RESOURCE_UIDS -> {
        ResourceUidRow row = ResourceUidRow.decode(value);
        if (row.isDeleted()) {
          changes.add(new ResourceDelete(names.fullName(row.path()), row.uid().toString()));
        }
      }
      case GRANTS -> grants(GrantRow.decode(put.key(), value), changes);
      case MEMBERS -> {
        MemberRow row = MemberRow.decode(put.key(), value);
        changes.add(new MembershipPut(principal(row.group()), principal(row.member())));
      }
      case SUSPENSIONS -> {
        SuspensionRow row = SuspensionRow.decode(value);
        changes.add(new SuspensionPut(target(row.target(), row.uid()), views.suspension(row)));
      }
      case TYPE_RIGHTS -> typeRights(TypeRightRow.decode(value), changes);
      case PROFILES ->
          changes.add(new ProfilePut(Profiles.view(org, ProfileRow.decode(value), true)));
      case ORPHANS, INACTIVE_GROUPS, GRANTS_BY_PRINCIPAL, GROUPS_OF, NOTICES, DELETED_NAMES -> {}
      case DENY_RULES ->
          changes.add(new DenyRulePut(views.denyRule(DenyRuleRow.decode(value), named -> true)));
      case LINKS -> changes.add(new LinkPut(views.link(LinkRow.decode(value), Optional.empty())));
    }
  }

  private static void deleted(PrincipalUidRow row, List<Change> changes) {
    if (row.isDeleted()) {
      changes.add(
          row.name().kind() == PrincipalKind.LINK
              ? new LinkDelete(row.name().id())
              : new PrincipalDelete(row.name(), row.uid().toString()));
    }
  }

  private void delete(Mutation mutation, List<Change> changes) {
    ByteReader key = new ByteReader(mutation.key());
    if (mutation.table() == Table.GRANTS) {
      changes.add(grantsDelete(new Uid(key.fixed64()), new Uid(key.fixed64())));
    } else if (mutation.table() == Table.MEMBERS) {
      changes.add(
          new MembershipDelete(
              principal(new Uid(key.fixed64())), principal(new Uid(key.fixed64()))));
    } else if (mutation.table() == Table.SUSPENSIONS) {
      SuspensionRow.Target target =
          SuspensionRow.Target.values()[key.varint(SuspensionRow.Target.values().length - 1)];
      changes.add(new SuspensionDelete(target(target, new Uid(key.fixed64()))));
    } else if (mutation.table() == Table.DENY_RULES) {
      changes.add(new DenyRuleDelete(new String(mutation.key(), StandardCharsets.UTF_8)));
    } else if (mutation.table() == Table.TYPE_RIGHTS) {
      changes.add(
          new TypeRightsDelete(
              names.principalText(new Uid(key.fixed64())), TypeRightRow.kindIn(mutation.key())));
    }
  }

  /** A row is all rights of its pair, so that it also says which ones are gone. */
  private void typeRights(TypeRightRow row, List<Change> changes) {
    changes.add(new TypeRightsDelete(names.principalText(row.principal()), row.kind()));
    row.rights().forEach(right -> changes.add(new TypeRightPut(views.typeRight(row, right))));
  }

  /** A row is all grants of its pair, so that it also says which ones are gone. */
  private void grants(GrantRow row, List<Change> changes) {
    changes.add(grantsDelete(row.resource(), row.principal()));
    row.grants().forEach(grant -> changes.add(new GrantPut(views.grant(row, grant))));
  }

  private Change grantsDelete(Uid resource, Uid principal) {
    return new GrantsDelete(
        names.fullName(names.resource(resource).path()), names.principalText(principal));
  }

  private PrincipalName principal(Uid uid) {
    return names.principal(uid).name();
  }

  private SuspensionTarget target(SuspensionRow.Target target, Uid uid) {
    return switch (target) {
      case PRINCIPAL -> new SuspensionTarget.Principal(org.id(), principal(uid));
      case RESOURCE -> new SuspensionTarget.Resource(names.fullName(names.resource(uid).path()));
      case ORGANIZATION -> new SuspensionTarget.Organization(organizationId(uid));
    };
  }

  private String organizationId(Uid uid) {
    for (OrgState candidate : state.organizations()) {
      if (candidate.uid().equals(uid)) {
        return candidate.id();
      }
    }
    throw new UndecodableException("unknown uid " + uid + " of an organization");
  }

  private static String actor(Actor actor) {
    return actor.credential().equals(Actor.SYSTEM_ADMINISTRATOR.credential())
        ? Names.SYSTEM_ADMINISTRATOR
        : actor.credential();
  }
}
