package dev.modelgate.app.sharing;

import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Grant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What a requested grant is as a stored one, and how stored ones compare. */
final class Grants {
  private Grants() {}

  /** The grant that a change asks for. */
  static Grant of(Draft draft, Rights rights, Kind kind, GrantChange change, Grant.Origin origin) {
    String role =
        change.permissions().isEmpty() ? role(draft.profile(), kind, change.role()).name() : "";
    Grant target = target(draft.profile(), kind, change);
    boolean owner = isOwner(draft.profile(), target);
    if (owner) {
      new Recipients(draft).requireMayOwn("principal", change.principal());
    }
    boolean timed = change.notBeforeMicros() != 0 || change.expiresAtMicros() != Micros.NEVER;
    if (!draft.profile().conditions().allow(role, change.principal().kind())
        && (timed || !change.condition().isEmpty())) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD,
              timed ? "expires_at" : "condition",
              timed ? role : change.condition(),
              "neither condition nor time for this role or recipient")
          .asException();
    }
    if (owner && timed) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD,
              "expires_at",
              change.role(),
              "no not_before and no expires_at for an owner role")
          .asException();
    }
    if (owner && !change.condition().isEmpty()) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD,
              "condition",
              change.condition(),
              "no condition for an owner role")
          .asException();
    }
    if (change.expiresAtMicros() <= draft.atMicros()) {
      String value = Micros.toInstant(change.expiresAtMicros()).toString();
      throw Refusal.ofField(Fault.INVALID_FIELD, "expires_at", value, "a time in the future")
          .asException();
    }
    return new Grant(
        target.role(),
        target.mask(),
        change.canShare() || owner && kind.sharing().ownersShare(),
        change.canUseData() || owner,
        change.notBeforeMicros(),
        change.expiresAtMicros(),
        origin,
        rights.actorUid(),
        draft.atMicros(),
        change.note(),
        change.condition());
  }

  /**
   * The role or mask that a change names, or the kind's default role, in a grant without anything
   * else.
   */
  static Grant target(Profile profile, Kind kind, GrantChange change) {
    int role = Grant.RAW;
    long mask = 0;
    if (change.permissions().isEmpty()) {
      // Also one that the kind offers no more: it can still be removed.
      role = role(profile, kind, change.role(), any -> true).id();
    } else {
      for (String permission : change.permissions()) {
        long bit =
            profile
                .permission(permission)
                .orElseThrow(
                    () ->
                        Refusal.ofField(
                                Fault.UNKNOWN_PERMISSION,
                                "permissions",
                                permission,
                                "a permission of the profile `" + profile.name() + "`")
                            .asException());
        mask |= bit;
      }
    }
    return new Grant(
        role,
        mask,
        false,
        false,
        0,
        Micros.NEVER,
        Grant.Origin.DIRECT,
        dev.modelgate.model.Uid.NONE,
        0,
        "",
        change.condition());
  }

  /**
   * The role of that name, or the kind's default role, which must be one that the kind offers.
   *
   * @throws dev.modelgate.model.RefusedException UNKNOWN_ROLE naming those that it offers
   */
  static Role role(Profile profile, Kind kind, String name) {
    return role(profile, kind, name, kind.sharing()::offers);
  }

  private static Role role(Profile profile, Kind kind, String name, Predicate<String> may) {
    String wanted = name.isEmpty() ? kind.sharing().defaultRole() : name;
    Optional<Role> role = profile.role(wanted);
    if (role.isEmpty() || !may.test(wanted)) {
      List<String> offered =
          profile.roles().stream().map(Role::name).filter(kind.sharing()::offers).sorted().toList();
      throw Refusal.ofField(Fault.UNKNOWN_ROLE, "role", wanted, "one of " + offered)
          .with("kind", kind.name())
          .asException();
    }
    return role.get();
  }

  static boolean isOwner(Profile profile, Grant grant) {
    return grant.role() != Grant.RAW && profile.role(grant.role()).filter(Role::owner).isPresent();
  }

  /** Whether a new grant takes nothing away that an old one of any target gave. */
  static boolean covers(Grant old, Grant fresh) {
    return old.sameTarget(fresh)
        && (fresh.canShare() || !old.canShare())
        && (fresh.canUseData() || !old.canUseData())
        && fresh.notBeforeMicros() <= old.notBeforeMicros()
        && fresh.expiresAtMicros() >= old.expiresAtMicros();
  }

  /** Whether two grants differ at most in who gave them and when. */
  static boolean sameEffect(Grant one, Grant other) {
    return covers(one, other) && covers(other, one) && one.note().equals(other.note());
  }

  /** The variables of an error about a role. */
  static Map<String, String> describe(Profile profile, Grant grant) {
    return Map.of("grant", name(profile, grant));
  }

  /** The role's name, or the permissions of a raw mask. */
  static String name(Profile profile, Grant grant) {
    return grant.role() == Grant.RAW
        ? String.join(",", profile.permissionNames(grant.mask()))
        : profile.role(grant.role()).map(Role::name).orElse("role " + grant.role());
  }
}
