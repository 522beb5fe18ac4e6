package dev.modelgate.app.sharing;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.Micros;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which roles somebody could give on a resource, found by the rules that a grant meets: what is
 * said here and what UpdateGrants does cannot differ.
 */
public final class GrantableRoles {
  private GrantableRoles() {}

  /**
   * A role that the resource's kind offers.
   *
   * @param permissions what it gives on the resource itself, sorted
   * @param byDefault whether a grant that names no role gets it
   * @param grantable whether the requester could give it, for ever and without can_share
   */
  public record Offer(Role role, List<String> permissions, boolean byDefault, boolean grantable) {
    /** Copies the list. */
    public Offer {
      permissions = List.copyOf(permissions);
    }
  }

  /**
   * What the kind of a resource offers, the highest rank first, then by name; nothing on one that
   * takes no grants.
   *
   * @param view the rows of the organization in the same state
   * @param requester who would give; an active principal of the organization, or the system
   *     administrator
   * @param row the resource's record
   */
  public static List<Offer> of(
      OrgState org,
      OrgView view,
      Requester requester,
      ResourceName resource,
      ResourceRow row,
      long nowMicros) {
    Draft draft = new Draft(org.id(), view, org.profile(), nowMicros);
    Rights rights = new Rights(org.id(), draft, draft.rows(), requester, nowMicros);
    Profile profile = org.profile();
    Optional<Kind> found = profile.kindOf(resource);
    List<Offer> offers = new ArrayList<>();
    if (found.isEmpty() || !found.get().sharing().isShareable(row.attributes().type())) {
      return offers;
    }
    Kind kind = found.get();
    boolean shares = rights.has(resource, Operation.SHARE);
    for (Role role : profile.roles()) {
      if (kind.sharing().offers(role.name())) {
        offers.add(
            new Offer(
                role,
                profile.permissionNames(role.maskOn(kind)).stream().sorted().toList(),
                role.name().equals(kind.sharing().defaultRole()),
                shares && mayGive(draft, rights, resource, row.uid(), kind, role)));
      }
    }
    offers.sort(
        Comparator.comparingInt((Offer offer) -> -offer.role().rank())
            .thenComparing(offer -> offer.role().name()));
    return offers;
  }

  private static boolean mayGive(
      Draft draft, Rights rights, ResourceName resource, Uid uid, Kind kind, Role role) {
    boolean transferredOnly =
        role.owner()
            && draft.profile().switches().owners() == Switches.Owners.SINGLE
            && new OwnerSwitches(draft, rights).hasOtherOwner(uid, Uid.NONE);
    if (transferredOnly) {
      return false;
    }
    boolean shares = role.owner() && kind.sharing().ownersShare();
    Grant grant =
        new Grant(
            role.id(),
            0,
            shares,
            role.owner(),
            0,
            Micros.NEVER,
            Grant.Origin.DIRECT,
            rights.actorUid(),
            draft.atMicros(),
            "",
            "");
    return new Cap(draft, rights).mayGive(resource, kind, grant);
  }
}
