package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.row.TypeRightRow.Right;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** What a requested type right is as a stored one, and how stored ones compare. */
final class TypeRights {
  private final Draft draft;
  private final Profile profile;

  TypeRights(Draft draft) {
    this.draft = draft;
    this.profile = draft.profile();
  }

  /**
   * The right that a change asks for.
   *
   * @throws RefusedException UNKNOWN_ROLE, UNKNOWN_PERMISSION, INVALID_FIELD for effects that the
   *     profile or the kind has no use for, for a depth of what does not allow, for no permission
   *     of what is no ceiling
   */
  Right of(Kind kind, TypeRightChange change, Uid givenBy) {
    requireMeaning(kind, change.effects());
    long mask =
        change.role().isEmpty()
            ? mask(kind, change.permissions())
            : role(kind, change.role()).maskOn(kind);
    if (mask == 0 && !change.effects().equals(Set.of(Effect.BOUNDS))) {
      throw invalid("permissions", "", "a permission at least, except in a ceiling");
    }
    return new Right(mask, depth(change), change.effects(), givenBy, draft.atMicros());
  }

  /** Whether two rights of one principal for one kind cannot stand beside each other. */
  static boolean isSame(Right one, Right other) {
    return one.depth() == other.depth() && one.effects().equals(other.effects());
  }

  /** Whether a right is the one that a change of mode REMOVE names. */
  static boolean isMeant(Right right, TypeRightChange change) {
    return right.effects().equals(change.effects())
        && right.depth() == change.depth().orElse(Depth.ORGANIZATION);
  }

  private void requireMeaning(Kind kind, Set<Effect> effects) {
    Set<Effect> possible = EnumSet.noneOf(Effect.class);
    possible.addAll(profile.effects());
    if (kind.privileges() == Kind.Privileges.NONE) {
      possible.remove(Effect.REQUIRES);
    }
    if (kind.ceilings() == Kind.Ceilings.NONE) {
      possible.remove(Effect.BOUNDS);
    }
    if (effects.isEmpty() || !possible.containsAll(effects)) {
      throw invalid(
          "effects", names(effects), "one or more of [" + names(possible) + "] for " + kind.name());
    }
  }

  /** A ceiling and a privilege hold wherever the kind is, so that another depth would deceive. */
  private static Depth depth(TypeRightChange change) {
    if (change.effects().contains(Effect.ALLOWS)) {
      return change
          .depth()
          .orElseThrow(() -> invalid("depth", "", "a depth, for the right allows"));
    }
    Depth depth = change.depth().orElse(Depth.ORGANIZATION);
    if (depth != Depth.ORGANIZATION) {
      throw invalid("depth", depth.name(), "ORGANIZATION, for the right does not allow");
    }
    return depth;
  }

  private long mask(Kind kind, List<String> permissions) {
    long mask = 0;
    for (String permission : permissions) {
      OptionalLong bit = profile.permission(permission);
      if (bit.isEmpty() || (bit.getAsLong() & kind.permissions()) == 0) {
        throw Refusal.ofField(
                Fault.UNKNOWN_PERMISSION,
                "permissions",
                permission,
                "a permission that the kind " + kind.name() + " has")
            .asException();
      }
      mask |= bit.getAsLong();
    }
    return mask;
  }

  private Role role(Kind kind, String name) {
    Optional<Role> role = profile.role(name);
    return role.orElseThrow(
        () ->
            Refusal.ofField(
                    Fault.UNKNOWN_ROLE,
                    "role",
                    name,
                    "one of " + profile.roles().stream().map(Role::name).sorted().toList())
                .with("kind", kind.name())
                .asException());
  }

  private static String names(Set<Effect> effects) {
    return effects.stream()
        .sorted()
        .map(effect -> effect.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  private static RefusedException invalid(String field, String value, String expected) {
    return Refusal.ofField(Fault.INVALID_FIELD, field, value, expected).asException();
  }
}
