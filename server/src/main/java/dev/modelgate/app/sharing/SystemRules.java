package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.OrganizationRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ProfileRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceUidRow;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.SuspensionRow;
import java.util.List;
import java.util.Map;

/**
 * The rules of what happens to organizations as a whole: in the log of {@code system}, and the
 * first change set of each. All of it is for the system administrator.
 */
public final class SystemRules {
  private SystemRules() {}

  /**
   * Works out a command to {@code system}.
   *
   * @throws dev.modelgate.model.RefusedException NOT_PERMITTED, ALREADY_EXISTS, NOT_FOUND
   */
  public static List<Mutation> apply(
      OrgView head,
      Requester requester,
      String reason,
      Command.SystemCommand command,
      long atMicros) {
    requireSystemAdministrator(requester);
    OrgRows rows = new OrgRows(head);
    Overlay draft = new Overlay(head);
    if (command instanceof Command.RegisterOrganization register) {
      String id = register.organizationId();
      if (rows.organization(id).isPresent() || id.equals("system")) {
        throw exists(id).asException();
      }
      Uid uid = Uid.of(head.head().version() + 1, 0, false);
      draft.put(new OrganizationRow(id, uid, atMicros).put());
    } else if (command instanceof Command.SuspendOrganization suspend) {
      String id = suspend.organizationId();
      Uid uid = rows.organization(id).orElseThrow(() -> notFound(id).asException()).uid();
      SuspensionRow row =
          new SuspensionRow(
              SuspensionRow.Target.ORGANIZATION,
              uid,
              atMicros,
              Uid.NONE,
              reason,
              SuspensionRow.Authority.SYSTEM);
      boolean is = rows.suspension(SuspensionRow.Target.ORGANIZATION, uid).isPresent();
      if (suspend.suspend() != is) {
        draft.put(suspend.suspend() ? row.put() : row.delete());
      }
    }
    return draft.mutations();
  }

  /**
   * Makes the first change set of an organization.
   *
   * @throws dev.modelgate.model.RefusedException NOT_PERMITTED, ALREADY_EXISTS, UNKNOWN_PROFILE,
   *     PROFILE_INVALID, KIND_NOT_ALLOWED
   */
  public static List<Mutation> initialize(
      OrgView head, Requester requester, Command.InitializeOrganization command, long atMicros) {
    requireSystemAdministrator(requester);
    if (head.head().version() != 0) {
      throw exists(command.organizationId()).asException();
    }
    ProfileDocument document = ProfileRules.document(ProfileRules.Source.of(command));
    Vocabulary vocabulary = document.extended(Vocabulary.EMPTY);
    Profile profile = document.compile(vocabulary);
    Draft draft = new Draft(command.organizationId(), head, profile, atMicros);
    draft.put(new ProfileRow(1, document.name(), atMicros, document.text()));
    draft.put(
        new SettingsRow(
            command.organizationId(),
            command.displayName(),
            document.name(),
            1,
            vocabulary,
            Map.of(),
            atMicros,
            atMicros,
            1));
    ResourceRow root =
        new ResourceRow(
            "",
            draft.newUid(false),
            ResourceRow.Attributes.named(command.displayName(), Map.of()),
            atMicros,
            atMicros,
            1);
    draft.put(root);
    draft.put(new ResourceUidRow(root.uid(), "", 0));
    command.owner().ifPresent(owner -> addOwner(draft, root.uid(), owner));
    return draft.mutations();
  }

  /** The refusal that says that an organization is not there. */
  public static Refusal notFound(String organizationId) {
    return Rights.notFound(ResourceName.ofOrganization(organizationId));
  }

  private static void addOwner(Draft draft, Uid root, PrincipalName owner) {
    if (!owner.kind().mayBeUnknown()) {
      throw Refusal.ofField(Fault.KIND_NOT_ALLOWED, "owner", owner.toString(), "a user or an app")
          .asException();
    }
    PrincipalRow row = draft.create(owner);
    draft.put(
        new GrantRow(
            root, row.uid(), List.of(ownerGrant(draft, organizationOwner(draft.profile())))));
  }

  static Grant ownerGrant(Draft draft, Role role) {
    return new Grant(
        role.id(),
        0,
        true,
        true,
        0,
        Micros.NEVER,
        Grant.Origin.CREATOR,
        Uid.NONE,
        draft.atMicros(),
        "",
        "");
  }

  private static Role organizationOwner(Profile profile) {
    return profile.kind("organization").flatMap(profile::ownerRole).orElseThrow();
  }

  private static void requireSystemAdministrator(Requester requester) {
    if (!requester.isSystemAdministrator()) {
      throw Refusal.notPermitted(
              "this is for the system administrator",
              requester.shown(),
              "administrator",
              "organizations/system",
              "")
          .asException();
    }
  }

  private static Refusal exists(String id) {
    return Refusal.ofName(
        Fault.ALREADY_EXISTS,
        "organization `" + id + "` exists already",
        "organization_id",
        "organizations/" + id);
  }
}
