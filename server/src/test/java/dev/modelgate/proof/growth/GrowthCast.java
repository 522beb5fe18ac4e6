package dev.modelgate.proof.growth;

import static dev.modelgate.proof.growth.GrowthSetting.ACCOMPLICES;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.Micros;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** As what the accomplices take part in a search. */
enum GrowthCast {
  /** Without administration, each as himself. */
  SHARERS,

  /**
   * One administers the organization until everything ends that ends, one declares emergencies, and
   * each acts as himself or through a front end. What they may come to is what lasts beyond that.
   */
  FOR_A_TIME;

  private static final PrincipalName FRONT_END = PrincipalName.parse("serviceAccount:portal");
  private static final String RESPONDER = "responder";

  /** What the system administrator gives them beside. */
  List<Command> furnish(Profile profile) {
    if (this == SHARERS) {
      return List.of();
    }
    ResourceName root = GrowthSetting.path("");
    List<Command> all = new ArrayList<>();
    List<String> permissions =
        profile.permissionNames(profile.kindOf(root).orElseThrow().permissions());
    all.add(given(root, ACCOMPLICES.get(0), "", permissions, Pick.END_MICROS));
    if (profile.role(RESPONDER).isPresent()) {
      all.add(given(root, ACCOMPLICES.get(1), RESPONDER, List.of(), Micros.NEVER));
    }
    return all;
  }

  /** As whom an accomplice comes. */
  Requester requester(PrincipalName actor, Profile profile, Random random) {
    int way = this == SHARERS ? 0 : random.nextInt(4);
    if (way < 2) {
      return Requester.onBehalfOf(actor);
    }
    List<String> roles = profile.roles().stream().map(role -> role.name()).sorted().toList();
    Optional<Set<String>> by =
        way == 2 ? Optional.empty() : Optional.of(Set.of(roles.get(random.nextInt(roles.size()))));
    return Requester.frontEnd(
        "jwt:corp:portal", Optional.of(FRONT_END), actor, Set.of(GrowthSetting.ID), by);
  }

  private static Command given(
      ResourceName at, PrincipalName name, String role, List<String> permissions, long until) {
    return new Command.UpdateGrants(
        at,
        List.of(
            new GrantChange(
                GrantChange.Mode.MERGE, name, role, permissions, true, true, 0, until, "")),
        "");
  }
}
