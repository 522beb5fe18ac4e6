package dev.modelgate.grpc;

import dev.modelgate.app.query.DenyRuleView;
import dev.modelgate.app.query.TypeRightView;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.ImportDenyRule;
import dev.modelgate.v1.ImportTypeRight;
import dev.modelgate.v1.TypeRight;
import java.util.List;
import java.util.Set;

/** Turns type rights and deny rules into messages. */
final class RightsMessages {
  private RightsMessages() {}

  static TypeRight typeRight(TypeRightView view) {
    return TypeRight.newBuilder()
        .setPrincipal(view.principal())
        .setKind(view.kind())
        .addAllPermissions(view.permissions())
        .setDepth(depth(view.depth()))
        .addAllEffects(effects(view.effects()))
        .setGrantedBy(view.grantedBy())
        .setGrantedAt(AdminMessages.timestamp(view.grantedAt()))
        .build();
  }

  static ImportTypeRight record(TypeRightView view) {
    return ImportTypeRight.newBuilder()
        .setPrincipal(view.principal())
        .setKind(view.kind())
        .addAllPermissions(view.permissions())
        .setDepth(depth(view.depth()))
        .addAllEffects(effects(view.effects()))
        .build();
  }

  static DenyRule denyRule(DenyRuleView view) {
    return DenyRule.newBuilder()
        .setId(view.id())
        .setDescription(view.description())
        .addAllPrincipals(view.principals())
        .addAllExceptions(view.exceptions())
        .addAllPermissions(view.permissions())
        .setResource(view.scope().text())
        .setCondition(view.condition())
        .setEtag(view.etag())
        .setUpdateTime(AdminMessages.timestamp(view.changedAt()))
        .build();
  }

  static ImportDenyRule record(DenyRuleView view) {
    return ImportDenyRule.newBuilder()
        .setId(view.id())
        .setDescription(view.description())
        .addAllPrincipals(view.principals())
        .addAllExceptions(view.exceptions())
        .addAllPermissions(view.permissions())
        .setResource(view.scope().relativePath())
        .setCondition(view.condition())
        .build();
  }

  private static TypeRight.Depth depth(Depth depth) {
    return switch (depth) {
      case OWN -> TypeRight.Depth.DEPTH_OWN;
      case UNIT -> TypeRight.Depth.DEPTH_UNIT;
      case SUBTREE -> TypeRight.Depth.DEPTH_SUBTREE;
      case ORGANIZATION -> TypeRight.Depth.DEPTH_ORGANIZATION;
    };
  }

  private static List<TypeRight.Effect> effects(Set<Effect> effects) {
    return effects.stream().sorted().map(RightsMessages::effect).toList();
  }

  private static TypeRight.Effect effect(Effect effect) {
    return switch (effect) {
      case REQUIRES -> TypeRight.Effect.EFFECT_REQUIRES;
      case ALLOWS -> TypeRight.Effect.EFFECT_ALLOWS;
      case BOUNDS -> TypeRight.Effect.EFFECT_BOUNDS;
    };
  }
}
