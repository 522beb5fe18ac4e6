package dev.modelgate.proof.growth;

import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.ReferenceWorld;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Switches;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A world with nothing in it but what may be given on: what somebody is allowed there on a resource
 * of one kind is what he may give away. In a profile that caps by rank everybody who has a role has
 * every lower one, too.
 */
final class ShareableWorld implements ReferenceWorld {
  private final ReferenceWorld world;
  private final Kind kind;
  private final Set<String> share;

  /** The part of a world that may be given on, for resources of that kind. */
  ShareableWorld(ReferenceWorld world, Kind kind) {
    this.world = world;
    this.kind = kind;
    this.share = Set.copyOf(world.profile().permissionNames(kind.right(Operation.SHARE)));
  }

  @Override
  public List<PlainGrant> grants(ResourceName resource, PrincipalName principal) {
    List<PlainGrant> given = new ArrayList<>();
    for (PlainGrant grant : world.grants(resource, principal)) {
      if (isShareable(grant)) {
        given.add(grant);
        given.addAll(lower(grant));
      }
    }
    return given;
  }

  @Override
  public List<PlainTypeRight> typeRights(PrincipalName holder, String kindName) {
    List<PlainTypeRight> given = new ArrayList<>();
    for (PlainTypeRight right : world.typeRights(holder, kindName)) {
      boolean shares =
          !kind.sharing().honoursCanShare()
              || !share.isEmpty() && right.permissions().containsAll(share);
      Set<Effect> effects = EnumSet.noneOf(Effect.class);
      effects.addAll(right.effects());
      if (!shares) {
        effects.remove(Effect.ALLOWS);
      }
      given.add(new PlainTypeRight(right.permissions(), right.depth(), effects));
    }
    return given;
  }

  private boolean isShareable(PlainGrant grant) {
    Optional<Role> role = profile().role(grant.role());
    boolean owner = role.filter(Role::owner).isPresent();
    if (grant.canShare()
        || !kind.sharing().honoursCanShare()
        || owner && kind.sharing().ownersShare()) {
      return true;
    }
    List<String> all =
        role.map(r -> profile().permissionNames(r.maskOn(kind)))
            .orElse(List.copyOf(grant.permissions()));
    return kind.sharing().sharesByPermission() && !share.isEmpty() && all.containsAll(share);
  }

  private List<PlainGrant> lower(PlainGrant grant) {
    Optional<Role> role = profile().role(grant.role());
    List<PlainGrant> lower = new ArrayList<>();
    if (profile().switches().cap() == Switches.Cap.RANK && role.isPresent()) {
      for (Role other : profile().roles()) {
        if (other.rank() <= role.get().rank()) {
          lower.add(
              new PlainGrant(
                  other.name(),
                  Set.of(),
                  true,
                  grant.canUseData() || role.get().owner(),
                  grant.notBeforeMicros(),
                  grant.expiresAtMicros(),
                  grant.condition()));
        }
      }
    }
    return lower;
  }

  @Override
  public Profile profile() {
    return world.profile();
  }

  @Override
  public boolean organizationRestricted() {
    return world.organizationRestricted();
  }

  @Override
  public boolean organizationSuspended() {
    return world.organizationSuspended();
  }

  @Override
  public Account account(PrincipalName principal) {
    return world.account(principal);
  }

  @Override
  public Set<PrincipalName> directGroups(PrincipalName member) {
    return world.directGroups(member);
  }

  @Override
  public boolean groupIsActive(PrincipalName group) {
    return world.groupIsActive(group);
  }

  @Override
  public boolean isSuspended(PrincipalName principal) {
    return world.isSuspended(principal);
  }

  @Override
  public boolean isSuspended(ResourceName resource) {
    return world.isSuspended(resource);
  }

  @Override
  public boolean isRegistered(ResourceName resource) {
    return world.isRegistered(resource);
  }

  @Override
  public List<PlainDenyRule> denyRules(ResourceName scope) {
    return world.denyRules(scope);
  }

  @Override
  public PlainState state(ResourceName resource) {
    return world.state(resource);
  }

  @Override
  public UnitName unit(PrincipalName principal) {
    return world.unit(principal);
  }

  @Override
  public Conditions conditions(PrincipalName link) {
    return world.conditions(link);
  }
}
