package dev.modelgate.app.sharing;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Something that somebody wants changed in one organization. One command is one change set is one
 * version, or nothing. Names are canonical by construction; whether they exist is for the rules to
 * say.
 */
public sealed interface Command {
  /** The most changes in one command that has a list of them. */
  int CHANGES_MAX = 1_000;

  /** A command to the reserved organization {@code system}. */
  sealed interface SystemCommand extends Command {}

  /**
   * Records a new organization. Its own first change set is {@link InitializeOrganization}.
   *
   * @param organizationId a path segment
   */
  record RegisterOrganization(String organizationId) implements SystemCommand {}

  /** Switches a whole organization off, or on again. */
  record SuspendOrganization(String organizationId, boolean suspend) implements SystemCommand {}

  /**
   * Makes the first change set of an organization: settings, profile and root resource.
   *
   * @param profile the name of a built-in profile, unless there is a document
   * @param document the profile itself; empty for the built-in one
   * @param owner who owns the root resource, which makes an organization administrator; empty for
   *     nobody
   */
  record InitializeOrganization(
      String organizationId,
      String displayName,
      String profile,
      String document,
      Optional<PrincipalName> owner)
      implements Command {
    /** One with a built-in profile. */
    public InitializeOrganization(
        String organizationId, String displayName, String profile, Optional<PrincipalName> owner) {
      this(organizationId, displayName, profile, "", owner);
    }
  }

  /**
   * Changes an organization's settings.
   *
   * @param features the features that it switches itself, each with whether it is on; replaced as a
   *     whole
   * @param etag the state that is to be changed; empty for whatever there is
   */
  record UpdateOrganization(
      Optional<String> displayName, Optional<Map<String, Boolean>> features, String etag)
      implements Command {}

  /**
   * Puts the next version of an organization's profile; exactly one of the two texts is not empty.
   *
   * @param document the document itself
   * @param builtIn the name of the built-in profile to copy
   * @param etag of the profile that is to be replaced; empty for whatever there is
   */
  record PutProfile(String document, String builtIn, String etag) implements Command {}

  /**
   * Creates a principal or changes one.
   *
   * @param state empty keeps the state, or ACTIVE for a new one
   * @param groupType empty keeps the type, or ACCESS for a new group; NONE for everything but
   *     groups
   * @param displayName replaced as a whole
   * @param unit empty keeps the unit, or the whole organization for a new one
   * @param createOnly refuses one that exists
   */
  record PutPrincipal(
      PrincipalName principal,
      Optional<PrincipalRow.State> state,
      Optional<PrincipalRow.GroupType> groupType,
      String displayName,
      Optional<UnitName> unit,
      String etag,
      boolean createOnly)
      implements Command {
    /** Keeps the unit. */
    public PutPrincipal(
        PrincipalName principal,
        Optional<PrincipalRow.State> state,
        Optional<PrincipalRow.GroupType> groupType,
        String displayName,
        String etag,
        boolean createOnly) {
      this(principal, state, groupType, displayName, Optional.empty(), etag, createOnly);
    }
  }

  /** Deletes a principal; its name made again is somebody else. */
  record DeletePrincipal(PrincipalName principal, String etag) implements Command {}

  /**
   * Makes a deleted principal what it was, with everything that it had.
   *
   * @param principal its name, which nobody else may bear meanwhile
   */
  record RestorePrincipal(PrincipalName principal, Uid uid) implements Command {}

  /** Adds to groups and removes from them. */
  record UpdateMemberships(List<MembershipChange> changes) implements Command {
    /** Copies the list. */
    public UpdateMemberships {
      changes = List.copyOf(changes);
    }
  }

  /** One change of one membership. */
  record MembershipChange(boolean add, PrincipalName group, PrincipalName member) {}

  /**
   * Registers a resource.
   *
   * @param attributes what is said about it; an unset unit is the owner's
   * @param owner who owns it; empty for the acting principal, or nobody when the system
   *     administrator acts for himself
   */
  record CreateResource(
      ResourceName name, ResourceRow.Attributes attributes, Optional<PrincipalName> owner)
      implements Command {
    /** One of which only is said what is for people. */
    public CreateResource(
        ResourceName name,
        String displayName,
        Map<String, String> labels,
        Optional<PrincipalName> owner) {
      this(name, ResourceRow.Attributes.named(displayName, labels), owner);
    }
  }

  /** Changes what is given of a resource; its type is fixed at creation. */
  record UpdateResource(
      ResourceName name,
      Optional<String> displayName,
      Optional<Map<String, String>> labels,
      Optional<UnitName> unit,
      Optional<Set<String>> flags,
      String etag)
      implements Command {}

  /** Deletes a resource without registered children. */
  record DeleteResource(ResourceName name, String etag) implements Command {}

  /**
   * Hands ownership over.
   *
   * @param previousOwner whose; may be empty when there is just one
   * @param keepPreviousAs the role that he keeps; empty for nothing
   */
  record TransferOwnership(
      ResourceName resource,
      PrincipalName newOwner,
      Optional<PrincipalName> previousOwner,
      String keepPreviousAs)
      implements Command {}

  /**
   * Shares and revokes on one resource, all or nothing.
   *
   * @param changes 1 to {@value #CHANGES_MAX}, no principal twice
   * @param etag of the resource's grant list; empty for whatever there is
   */
  record UpdateGrants(ResourceName resource, List<GrantChange> changes, String etag)
      implements Command {
    /** Copies the list. */
    public UpdateGrants {
      changes = List.copyOf(changes);
    }
  }

  /**
   * One principal's change.
   *
   * @param role the role's name; empty with {@code permissions}, or for the kind's default
   * @param permissions a raw set of permissions; empty with {@code role}
   * @param notBeforeMicros from when, inclusive; 0 for at once
   * @param expiresAtMicros until when, exclusive; {@link dev.modelgate.store.Micros#NEVER} for ever
   * @param condition a CEL expression under which it counts; empty for always
   * @param notifies whether the recipient is to be told
   */
  record GrantChange(
      Mode mode,
      PrincipalName principal,
      String role,
      List<String> permissions,
      boolean canShare,
      boolean canUseData,
      long notBeforeMicros,
      long expiresAtMicros,
      String note,
      String condition,
      boolean notifies) {
    /** Copies the list. */
    public GrantChange {
      permissions = List.copyOf(permissions);
    }

    /** One of which nobody is told. */
    public GrantChange(
        Mode mode,
        PrincipalName principal,
        String role,
        List<String> permissions,
        boolean canShare,
        boolean canUseData,
        long notBeforeMicros,
        long expiresAtMicros,
        String note,
        String condition) {
      this(
          mode,
          principal,
          role,
          permissions,
          canShare,
          canUseData,
          notBeforeMicros,
          expiresAtMicros,
          note,
          condition,
          false);
    }

    /** One without a condition. */
    public GrantChange(
        Mode mode,
        PrincipalName principal,
        String role,
        List<String> permissions,
        boolean canShare,
        boolean canUseData,
        long notBeforeMicros,
        long expiresAtMicros,
        String note) {
      this(
          mode,
          principal,
          role,
          permissions,
          canShare,
          canUseData,
          notBeforeMicros,
          expiresAtMicros,
          note,
          "");
    }

    /** What a change does to the principal's direct grants on the resource. */
    public enum Mode {
      /** Replaces all of them by this one. */
      SET,
      /** Adds this one, replacing one of the same role or permissions. */
      MERGE,
      /** Removes the one named, or all when neither role nor permissions are named. */
      REMOVE
    }
  }

  /**
   * Replaces all direct grants of a resource.
   *
   * @param grants each once, in mode MERGE; at most {@link Policy#MEMBERS_MAX}
   * @param etag of the resource's grant list; may be empty where nothing can get lost by it
   */
  record SetPolicy(ResourceName resource, List<Policy.Entry> grants, Policy.Form form, String etag)
      implements Command {
    /** Copies the list. */
    public SetPolicy {
      grants = List.copyOf(grants);
    }
  }

  /**
   * Changes what principals may do with every resource of a kind, all or nothing and in order.
   *
   * @param changes 1 to {@value #CHANGES_MAX}
   * @param etag of all type rights of the organization; empty for whatever there is
   */
  record UpdateTypeRights(List<TypeRightChange> changes, String etag) implements Command {
    /** Copies the list. */
    public UpdateTypeRights {
      changes = List.copyOf(changes);
    }
  }

  /**
   * Changes rules that deny whatever is granted, all or nothing.
   *
   * @param changes 1 to {@value #CHANGES_MAX}, no rule twice
   */
  record UpdateDenyRules(List<DenyRuleChange> changes) implements Command {
    /** Copies the list. */
    public UpdateDenyRules {
      changes = List.copyOf(changes);
    }
  }

  /**
   * Creates an external link or replaces what is said of one.
   *
   * @param id the id behind the colon of its principal's name
   * @param role the role of its grant; empty for the one that it has, or for a new link the lowest
   * @param expiresAtMicros until when, exclusive; empty for the end that it has, or for a new link
   *     for ever
   * @param rotate whether one that exists takes the secret, too
   * @param secretHash SHA-256 of the secret for a new link, or for one that is rotated
   */
  record PutExternalLink(
      ResourceName resource,
      String id,
      String role,
      Optional<Long> expiresAtMicros,
      boolean rotate,
      byte[] secretHash,
      String etag)
      implements Command {
    /** Copies the hash. */
    public PutExternalLink {
      secretHash = secretHash.clone();
    }

    @Override
    public byte[] secretHash() {
      return secretHash.clone();
    }
  }

  /** Ends an external link of a resource. */
  record DeleteExternalLink(ResourceName resource, String id, String etag) implements Command {}

  /**
   * Gives access in an emergency; the order's reason is its note.
   *
   * @param role the role's name; empty for the kind's default
   * @param seconds for how long, 1 to {@value #SECONDS_MAX}
   */
  record BreakGlass(
      ResourceName resource, PrincipalName principal, String role, boolean canUseData, long seconds)
      implements Command {
    /** Four hours: who needs longer has no emergency but a lack of grants. */
    public static final long SECONDS_MAX = 4 * 3_600;

    /** Refuses a time out of range. */
    public BreakGlass {
      if (seconds < 1 || seconds > SECONDS_MAX) {
        throw new IllegalArgumentException(
            "seconds: " + seconds + " (expected: 1.." + SECONDS_MAX + ")");
      }
    }
  }

  /** Switches a principal off, or on again. A group: its members. */
  record SuspendPrincipal(PrincipalName principal, boolean suspend) implements Command {}

  /** Switches a resource and everything below it off, or on again. */
  record SuspendResource(ResourceName resource, boolean suspend) implements Command {}

  /**
   * Part of an import: existing things are brought to what the file says, missing ones are made.
   * For system and organization administrators.
   *
   * @param items 1 to {@value #CHANGES_MAX}
   * @param firstItem the number of the first item in the whole import, for errors
   */
  record ImportItems(List<ImportItem> items, long firstItem) implements Command {
    /** Copies the list. */
    public ImportItems {
      items = List.copyOf(items);
    }
  }

  /** One record of an import. */
  sealed interface ImportItem {}

  /** A principal as it is to be; what is empty is as in {@link PutPrincipal}. */
  record ImportPrincipal(
      PrincipalName principal,
      Optional<PrincipalRow.State> state,
      Optional<PrincipalRow.GroupType> groupType,
      String displayName,
      Optional<UnitName> unit)
      implements ImportItem {
    /** Keeps the unit. */
    public ImportPrincipal(
        PrincipalName principal,
        PrincipalRow.State state,
        PrincipalRow.GroupType groupType,
        String displayName) {
      this(principal, Optional.of(state), Optional.of(groupType), displayName, Optional.empty());
    }
  }

  /** A principal that was deleted where the file comes from, and is nobody here. */
  record ImportDeletedPrincipal(PrincipalName principal) implements ImportItem {}

  /** A membership that is to be. */
  record ImportMembership(PrincipalName group, PrincipalName member) implements ImportItem {}

  /** A resource as it is to be; the organization itself too. */
  record ImportResource(ResourceName name, ResourceRow.Attributes attributes)
      implements ImportItem {
    /** One of which only is said what is for people. */
    public ImportResource(ResourceName name, String displayName, Map<String, String> labels) {
      this(name, ResourceRow.Attributes.named(displayName, labels));
    }
  }

  /** A grant that is to be, in mode MERGE. */
  record ImportGrant(ResourceName resource, GrantChange change) implements ImportItem {}

  /** An external link that is to be, with that secret. */
  record ImportExternalLink(PutExternalLink link) implements ImportItem {}

  /** A deny rule that is to be. */
  record ImportDenyRule(DenyRuleChange.Put rule) implements ImportItem {}

  /** Settings that are to be. */
  record ImportSettings(Map<String, Boolean> features) implements ImportItem {
    /** Copies the map. */
    public ImportSettings {
      features = Map.copyOf(features);
    }
  }

  /** A type right that is to be, in mode MERGE. */
  record ImportTypeRight(TypeRightChange change) implements ImportItem {}

  /** A suspension that is to be; exactly one of the two is present. */
  record ImportSuspension(
      Optional<PrincipalName> principal, Optional<ResourceName> resource, String reason)
      implements ImportItem {}

  /**
   * Removes up to {@value #CHANGES_MAX} rows of a deleted object; by the sweeper only.
   *
   * @param deletedAtMicros of which deletion, for one that could be restored and deleted again; 0
   *     for what cannot
   */
  record Sweep(Uid orphan, long deletedAtMicros) implements Command {}
}
