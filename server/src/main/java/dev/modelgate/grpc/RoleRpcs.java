package dev.modelgate.grpc;

import dev.modelgate.app.query.Page;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.Roles;
import dev.modelgate.app.sharing.GrantableRoles.Offer;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.v1.GrantableRole;
import dev.modelgate.v1.ListGrantableRolesRequest;
import dev.modelgate.v1.ListGrantableRolesResponse;

/** Reads and answers the requests about roles that can be given. */
final class RoleRpcs {
  private final Roles roles;

  RoleRpcs(Roles roles) {
    this.roles = roles;
  }

  ListGrantableRolesResponse list(ListGrantableRolesRequest request, Requester requester) {
    Page<Offer> page =
        roles.onResource(
            Fields.resource("resource", request.getResource()),
            request.getIncludeOthers(),
            requester,
            PageRequest.of(request.getPageSize(), request.getPageToken()));
    return ListGrantableRolesResponse.newBuilder()
        .addAllRoles(page.items().stream().map(RoleRpcs::role).toList())
        .setNextPageToken(page.nextToken())
        .build();
  }

  private static GrantableRole role(Offer offer) {
    return GrantableRole.newBuilder()
        .setRole(offer.role().name())
        .setRank(offer.role().rank())
        .setOwner(offer.role().owner())
        .setByDefault(offer.byDefault())
        .addAllPermissions(offer.permissions())
        .setGrantable(offer.grantable())
        .build();
  }
}
