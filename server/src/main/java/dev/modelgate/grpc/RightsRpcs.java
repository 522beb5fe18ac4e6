package dev.modelgate.grpc;

import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.TypeRights;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange.Mode;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.sharing.TypeRightChange;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.v1.ListTypeRightsRequest;
import dev.modelgate.v1.ListTypeRightsResponse;
import dev.modelgate.v1.TypeRight;
import dev.modelgate.v1.TypeRightChange.WhatCase;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import dev.modelgate.v1.UpdateTypeRightsResponse;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads and answers the requests about type rights. */
final class RightsRpcs {
  private static final int PERMISSIONS_MAX = 64;

  private final TypeRights typeRights;

  RightsRpcs(TypeRights typeRights) {
    this.typeRights = typeRights;
  }

  Mutation<UpdateTypeRightsResponse> update(UpdateTypeRightsRequest request) {
    String organization = Fields.organizationId("organization", request.getOrganization());
    Fields.some("changes", request.getChangesCount(), Command.CHANGES_MAX);
    List<TypeRightChange> changes = new ArrayList<>();
    for (int i = 0; i < request.getChangesCount(); i++) {
      changes.add(change("changes[" + i + "].", request.getChanges(i)));
    }
    return new Mutation<>(
        organization,
        new Command.UpdateTypeRights(changes, Fields.etag("etag", request.getEtag())),
        outcome ->
            UpdateTypeRightsResponse.newBuilder().setRevision(outcome.revision().token()).build());
  }

  ListTypeRightsResponse list(ListTypeRightsRequest request, Requester requester) {
    String organization = Fields.organizationId("organization", request.getOrganization());
    Optional<PrincipalName> principal =
        Fields.optionalPrincipal("principal", request.getPrincipal());
    PageRequest page = PageRequest.of(request.getPageSize(), request.getPageToken());
    TypeRights.Found found =
        typeRights.list(organization, principal, request.getKind(), requester, page);
    return ListTypeRightsResponse.newBuilder()
        .addAllTypeRights(found.page().items().stream().map(RightsMessages::typeRight).toList())
        .setNextPageToken(found.page().nextToken())
        .setEtag(found.etag())
        .build();
  }

  /** How far a right reaches; empty for what depends on the rest of it. */
  static Optional<Depth> depth(String field, TypeRight.Depth depth) {
    return switch (Fields.known(field, depth)) {
      case DEPTH_OWN -> Optional.of(Depth.OWN);
      case DEPTH_UNIT -> Optional.of(Depth.UNIT);
      case DEPTH_SUBTREE -> Optional.of(Depth.SUBTREE);
      case DEPTH_ORGANIZATION -> Optional.of(Depth.ORGANIZATION);
      case DEPTH_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  /** What a right does, each once. */
  static Set<Effect> effects(String field, List<TypeRight.Effect> effects) {
    Set<Effect> read = EnumSet.noneOf(Effect.class);
    for (TypeRight.Effect effect : effects) {
      boolean fresh =
          switch (Fields.required(field, effect)) {
            case EFFECT_REQUIRES -> read.add(Effect.REQUIRES);
            case EFFECT_ALLOWS -> read.add(Effect.ALLOWS);
            case EFFECT_BOUNDS -> read.add(Effect.BOUNDS);
            case EFFECT_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalStateException("a required effect is unspecified");
          };
      if (!fresh) {
        throw Fields.invalid(field, effect.name(), "each effect once");
      }
    }
    return read;
  }

  /** The permissions of a right, of which a ceiling may have none. */
  static List<String> permissions(String field, List<String> permissions) {
    Fields.atMost(field, permissions.size(), PERMISSIONS_MAX);
    return permissions.isEmpty() ? permissions : GrantRpcs.permissions(field, permissions);
  }

  private static TypeRightChange change(String prefix, dev.modelgate.v1.TypeRightChange change) {
    Mode mode =
        switch (Fields.required(prefix + "mode", change.getMode())) {
          case MODE_SET -> Mode.SET;
          case MODE_MERGE -> Mode.MERGE;
          case MODE_REMOVE -> Mode.REMOVE;
          case MODE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalStateException("a required mode is unspecified");
        };
    requireWhat(prefix, mode, change);
    if (change.getKind().isEmpty()) {
      throw Fields.invalid(prefix + "kind", "", "the name of a kind");
    }
    return new TypeRightChange(
        mode,
        Fields.principal(prefix + "principal", change.getPrincipal()),
        change.getKind(),
        change.getRole(),
        permissions(prefix + "permissions", change.getPermissions().getPermissionsList()),
        depth(prefix + "depth", change.getDepth()),
        effects(prefix + "effects", change.getEffectsList()));
  }

  private static void requireWhat(
      String prefix, Mode mode, dev.modelgate.v1.TypeRightChange change) {
    WhatCase what = change.getWhatCase();
    if (mode == Mode.REMOVE && what != WhatCase.WHAT_NOT_SET) {
      throw Fields.invalid(prefix + "role", change.getRole(), "nothing with MODE_REMOVE");
    }
    if (mode != Mode.REMOVE && what == WhatCase.WHAT_NOT_SET
        || what == WhatCase.ROLE && change.getRole().isEmpty()) {
      throw Fields.invalid(prefix + "role", "", "a role, or permissions");
    }
  }
}
