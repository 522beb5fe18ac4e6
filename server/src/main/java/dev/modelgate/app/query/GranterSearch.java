package dev.modelgate.app.query;

import dev.modelgate.app.query.Explanation.Granter;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.sharing.Rules;
import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.FactRows;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Reason;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalUidRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for somebody who could give a caller what he lacks. Who could grant is found by working the
 * grant out with the very rules that would judge it, on the state as it is, for nobody to see.
 *
 * <p>Looks at the oldest {@value #LOOKED_AT_MAX} candidates and names at most {@value #NAMED_MAX}
 * of the first {@value #TRIED_MAX} who may share.
 */
final class GranterSearch {
  /** The most that are named. */
  static final int NAMED_MAX = 10;

  private static final int LOOKED_AT_MAX = 500;

  /** The most who may share for whom the grant is worked out. */
  private static final int TRIED_MAX = 50;

  private static final int ROLES_MAX = 4;

  private final Reading reading;
  private final ExplainQuery query;
  private final Profile profile;
  private final long nowMicros;

  GranterSearch(Reading reading, ExplainQuery query, long nowMicros) {
    this.reading = reading;
    this.query = query;
    this.profile = reading.org().profile();
    this.nowMicros = nowMicros;
  }

  /** Who could help against a denial for that reason. */
  List<Granter> forDenial(String reason, long lacking) {
    return switch (reason) {
      case Reason.NONE, Reason.UNKNOWN_RESOURCE -> List.of();
      case Reason.NO_GRANT, Reason.ACCESS -> granters(lacking);
      default -> administrators();
    };
  }

  private List<Granter> administrators() {
    ResourceName root = query.resource().ancestor(0);
    long mask = profile.permission(profile.switches().administers()).orElse(0);
    List<Granter> found = new ArrayList<>();
    for (PrincipalName name : holders(root, mask)) {
      if (found.size() < NAMED_MAX) {
        found.add(new Granter(name.toString(), root.text(), ""));
      }
    }
    return found;
  }

  /** On the resource itself, or on the nearest one above it that takes grants which reach it. */
  private List<Granter> granters(long lacking) {
    List<Kind> kinds = Gathering.kinds(profile, query.resource());
    if ((lacking & ~kinds.get(kinds.size() - 1).permissions()) != 0) {
      return List.of(); // No grant gives what the kind does not have.
    }
    for (int level = kinds.size() - 1; level >= 0; level--) {
      ResourceName on = query.resource().ancestor(level);
      Kind kind = kinds.get(level);
      if (kind.sharing().shareable() && reading.rows().resource(on.relativePath()).isPresent()) {
        List<Granter> found = granters(on, kind, kinds.get(kinds.size() - 1), lacking);
        if (!found.isEmpty()) {
          return found;
        }
      }
      if (!kind.inherits()) {
        return List.of();
      }
    }
    return List.of();
  }

  private List<Granter> granters(ResourceName on, Kind kind, Kind asked, long lacking) {
    List<Granter> found = new ArrayList<>();
    for (PrincipalName name : holders(on, kind.right(Operation.SHARE))) {
      Optional<String> role =
          name.equals(query.principal())
              ? Optional.empty()
              : grantable(name, on, kind, asked, lacking);
      role.ifPresent(given -> found.add(new Granter(name.toString(), on.text(), given)));
      if (found.size() == NAMED_MAX) {
        break;
      }
    }
    return found;
  }

  /** Active accounts with all of these permissions. */
  private List<PrincipalName> holders(ResourceName on, long mask) {
    List<PrincipalName> found = new ArrayList<>();
    if (mask == 0) {
      return found;
    }
    FactRows rows = new RememberedRows(reading.rows(), Map.of());
    List<Kind> kinds = Gathering.kinds(profile, on);
    int[] left = {LOOKED_AT_MAX};
    new PrincipalCandidates(reading, rows, on, kinds.get(kinds.size() - 1))
        .each(
            Uid.NONE,
            uid -> {
              PrincipalUidRow named = reading.names().principal(uid);
              if (!uid.isSet() && !named.isDeleted()) {
                var gathering =
                    new Gathering(reading.org(), reading.rows(), rows, new Dependencies(Uid.NONE));
                var facts = gathering.gather(gathering.subject(named.name()), on);
                if ((Decider.decide(facts, nowMicros).allowed() & mask) == mask) {
                  found.add(named.name());
                }
              }
              return --left[0] > 0 && found.size() < TRIED_MAX;
            });
    return found;
  }

  /** What he could grant; an empty text for single permissions. */
  private Optional<String> grantable(
      PrincipalName granter, ResourceName on, Kind kind, Kind asked, long lacking) {
    boolean data = (lacking & asked.dataPermissions()) != 0;
    List<Role> roles =
        profile.roles().stream()
            .filter(role -> !role.owner() && kind.sharing().offers(role.name()))
            .filter(role -> (role.maskOn(asked) & lacking) == lacking)
            .sorted(Comparator.comparingInt(Role::rank).thenComparing(Role::name))
            .limit(ROLES_MAX)
            .toList();
    for (Role role : roles) {
      if (isAccepted(granter, on, role.name(), List.of(), data)) {
        return Optional.of(role.name());
      }
    }
    return isAccepted(granter, on, "", profile.permissionNames(lacking), data)
        ? Optional.of("")
        : Optional.empty();
  }

  private boolean isAccepted(
      PrincipalName granter,
      ResourceName on,
      String role,
      List<String> permissions,
      boolean canUseData) {
    GrantChange change =
        new GrantChange(
            GrantChange.Mode.MERGE,
            query.principal(),
            role,
            permissions,
            false,
            canUseData,
            0,
            Micros.NEVER,
            "");
    try {
      return !Rules.apply(
              reading.org().id(),
              reading.rows().view(),
              profile,
              Requester.onBehalfOf(granter),
              "",
              new Command.UpdateGrants(on, List.of(change), ""),
              nowMicros)
          .isEmpty();
    } catch (RefusedException e) {
      return false;
    }
  }
}
