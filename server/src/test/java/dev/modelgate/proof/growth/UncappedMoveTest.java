package dev.modelgate.proof.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.sharing.Rules;
import dev.modelgate.app.sharing.SystemRules;
import dev.modelgate.app.sharing.TypeRightChange;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Into another unit a resource is moved for ever, and there the type rights of others reach it: in
 * a profile that does not cap too, who may do so for a time only gives nobody what he lacks.
 */
final class UncappedMoveTest {
  private static final String DOCUMENT =
      GrowthSetting.typed().profile().replace("cap: subset", "cap: none");
  private static final PrincipalName EVE = GrowthSetting.ACCOMPLICES.get(1);
  private static final UnitName ELSEWHERE = new UnitName("emea");
  private static final ResourceName PROD = GrowthSetting.path("environments/prod");
  private static final ResourceName MODEL = GrowthSetting.path("environments/prod/models/fraud");

  private final GrowthRows state = new GrowthRows();
  private long now = 1_000_000_000_000_000L;

  /** Ben, of another unit, has a type right to the models of that unit. */
  @BeforeEach
  void fill() {
    state.apply(
        SystemRules.initialize(
            state,
            Requester.SYSTEM_ADMINISTRATOR,
            new Command.InitializeOrganization(
                GrowthSetting.ID, "Acme", "", DOCUMENT, Optional.of(GrowthSetting.ADMIN)),
            now));
    asSystem(put(EVE, UnitName.ROOT));
    asSystem(put(GrowthSetting.BYSTANDER, ELSEWHERE));
    for (ResourceName name : List.of(PROD, MODEL)) {
      asSystem(
          new Command.CreateResource(
              name, ResourceRow.Attributes.NONE, Optional.of(GrowthSetting.ADMIN)));
    }
    asSystem(
        new Command.UpdateTypeRights(
            List.of(
                new TypeRightChange(
                    GrantChange.Mode.MERGE,
                    GrowthSetting.BYSTANDER,
                    "model",
                    "",
                    List.of("predict"),
                    Optional.of(Depth.UNIT),
                    Set.of(Effect.ALLOWS))),
            ""));
  }

  @Test
  void move_byARightThatEnds_isRefused() {
    give(Pick.END_MICROS);
    RefusedException e = assertThrows(RefusedException.class, () -> apply(eve(), move()));
    assertEquals(Fault.CAP_EXCEEDED, e.refusal().fault());
  }

  @Test
  void move_byARightWithoutAnEnd_isTaken() {
    give(Micros.NEVER);
    apply(eve(), move());
    assertEquals(
        ELSEWHERE, state.rows().resource(MODEL.relativePath()).orElseThrow().attributes().unit());
  }

  private void give(long until) {
    asSystem(
        new Command.UpdateGrants(
            MODEL,
            List.of(
                new GrantChange(
                    GrantChange.Mode.MERGE,
                    EVE,
                    "",
                    List.of("get", "update", "transfer"),
                    false,
                    false,
                    0,
                    until,
                    "")),
            ""));
  }

  private static Requester eve() {
    return Requester.onBehalfOf(EVE);
  }

  private static Command move() {
    return new Command.UpdateResource(
        MODEL, Optional.empty(), Optional.empty(), Optional.of(ELSEWHERE), Optional.empty(), "");
  }

  private static Command put(PrincipalName name, UnitName unit) {
    return new Command.PutPrincipal(
        name,
        Optional.of(PrincipalRow.State.ACTIVE),
        Optional.empty(),
        "",
        Optional.of(unit),
        "",
        false);
  }

  private void asSystem(Command command) {
    apply(Requester.SYSTEM_ADMINISTRATOR, command);
  }

  private void apply(Requester requester, Command command) {
    Profile profile =
        ProfileDocument.parse(DOCUMENT).compile(state.rows().settings().orElseThrow().vocabulary());
    state.apply(Rules.apply(GrowthSetting.ID, state, profile, requester, "why", command, ++now));
  }
}
