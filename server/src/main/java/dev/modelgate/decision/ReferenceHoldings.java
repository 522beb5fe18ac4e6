package dev.modelgate.decision;

import dev.modelgate.decision.ReferenceWorld.Account;
import dev.modelgate.decision.ReferenceWorld.PlainGrant;
import dev.modelgate.decision.ReferenceWorld.PlainTypeRight;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Switches;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Steps 3 and 6 of the reference evaluation: what one caller has on one resource. */
final class ReferenceHoldings {
  private final ReferenceWorld world;
  private final PrincipalName caller;
  private final ResourceName resource;
  private final List<Kind> kinds;
  private final long nowMicros;
  private final Predicate<String> holds;
  private final ReferenceNotes notes;
  private final Set<PrincipalName> recipients;

  ReferenceHoldings(
      ReferenceWorld world,
      PrincipalName caller,
      ResourceName resource,
      List<Kind> kinds,
      long nowMicros,
      Predicate<String> holds,
      ReferenceNotes notes) {
    this.world = world;
    this.caller = caller;
    this.resource = resource;
    this.kinds = kinds;
    this.nowMicros = nowMicros;
    this.holds = holds;
    this.notes = notes;
    this.recipients = recipientsReaching();
  }

  /** Whether a grant or rule that names this means the caller. */
  boolean includes(PrincipalName recipient) {
    return recipients.contains(recipient);
  }

  /** Step 6 without type rights: what grants give. */
  long granted() {
    Kind kind = kinds.get(kinds.size() - 1);
    long held = 0;
    boolean inherits = true;
    for (int level = kinds.size() - 1; level >= 0 && inherits; level--) {
      ResourceName at = resource.ancestor(level);
      for (PrincipalName recipient : recipients) {
        for (PlainGrant grant : world.grants(at, recipient)) {
          long mask = isLive(grant) && holds.test(grant.condition()) ? maskOf(grant, kind) : 0;
          held |= mask;
          notes.note("%s on %s for %s gives %x", grant, at, recipient, mask);
        }
      }
      inherits = kinds.get(level).inherits();
    }
    return held;
  }

  /** The union of the type rights for the resource's kind that have that effect here. */
  long typeRights(Effect effect) {
    Kind kind = kinds.get(kinds.size() - 1);
    long mask = 0;
    for (PrincipalName holder : recipients) {
      for (PlainTypeRight right : world.typeRights(holder, kind.name())) {
        boolean reaches = effect != Effect.ALLOWS || reaches(holder, right.depth());
        if (right.effects().contains(effect) && reaches) {
          for (String permission : right.permissions()) {
            mask |= world.profile().permission(permission).orElse(0) & kind.permissions();
          }
          notes.note("type right of %s: %s", holder, right);
        }
      }
    }
    return mask;
  }

  /** Whether anything bounds the caller on the resource's kind. */
  boolean hasCeiling() {
    String kind = kinds.get(kinds.size() - 1).name();
    for (PrincipalName holder : recipients) {
      for (PlainTypeRight right : world.typeRights(holder, kind)) {
        if (right.effects().contains(Effect.BOUNDS)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether the caller owns the resource at that level itself. */
  boolean owns(ResourceName at) {
    for (PrincipalName recipient : recipients) {
      for (PlainGrant grant : world.grants(at, recipient)) {
        boolean owner =
            world.profile().role(grant.role()).filter(Role::owner).isPresent() && isLive(grant);
        if (owner) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean reaches(PrincipalName holder, Depth depth) {
    int level = kinds.size() - 1;
    while (level > 0
        && (!world.isRegistered(resource.ancestor(level)) || !kinds.get(level).sharing().owned())) {
      level--;
    }
    ResourceName registered = resource.ancestor(level);
    UnitName there = world.state(registered).unit();
    UnitName own =
        world.unit(holder).equals(UnitName.ROOT) ? world.unit(caller) : world.unit(holder);
    return switch (depth) {
      case OWN -> owns(registered);
      case UNIT -> owns(registered) || own.equals(there);
      case SUBTREE -> owns(registered) || own.contains(there);
      case ORGANIZATION -> true;
    };
  }

  /** Step 3: everything that a grant can name and mean the caller. */
  private Set<PrincipalName> recipientsReaching() {
    boolean known = world.account(caller) == Account.ACTIVE;
    boolean open = world.profile().switches().isolation() == Switches.Isolation.OPEN;
    boolean authenticated =
        caller.kind() != PrincipalKind.ANONYMOUS && caller.kind() != PrincipalKind.LINK;
    Set<PrincipalName> names = new LinkedHashSet<>();
    if (open) {
      names.add(PrincipalName.ALL_USERS);
    }
    if (open && authenticated) {
      names.add(PrincipalName.ALL_AUTHENTICATED_USERS);
    }
    if (known) {
      names.add(caller);
      names.addAll(ReferenceGroups.activeGroupsOf(world, caller));
    }
    if (known && authenticated) {
      names.add(PrincipalName.organization(resource.organizationId()));
    }
    if (known && authenticated && open && !caller.emailDomain().isEmpty()) {
      names.add(new PrincipalName(PrincipalKind.DOMAIN, caller.emailDomain()));
    }
    return names;
  }

  private boolean isLive(PlainGrant grant) {
    return grant.notBeforeMicros() <= nowMicros && nowMicros < grant.expiresAtMicros();
  }

  private long maskOf(PlainGrant grant, Kind kind) {
    Profile profile = world.profile();
    long mask = 0;
    boolean owner = false;
    if (grant.role().isEmpty()) {
      for (String permission : grant.permissions()) {
        mask |= profile.permission(permission).orElse(0) & kind.permissions();
      }
    } else if (profile.role(grant.role()).isPresent()) {
      Role role = profile.role(grant.role()).get();
      mask = role.masks().getOrDefault(kind.name(), 0L);
      owner = role.owner();
    }
    if (!grant.canUseData() && !owner) {
      mask &= ~kind.dataPermissions();
    }
    boolean alwaysShares =
        !kind.sharing().honoursCanShare() || owner && kind.sharing().ownersShare();
    return grant.canShare() || alwaysShares ? mask : mask & ~kind.sharePermissions();
  }
}
