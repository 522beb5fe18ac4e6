package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.GrantChange.Mode;
import dev.modelgate.app.sharing.Command.ImportItems;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.store.Changes;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ProfileRow;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The hazards of what permissions mean, how long they last and who gives them. */
final class SharingHazardTest {
  private static final List<String> HERE =
      List.of("discover", "get", "use", "grants.read", "grants.write");
  private static final ResourceName FRAUD =
      ResourceName.parse("organizations/acme/environments/prod/models/fraud");
  private static final ResourceName DATA =
      ResourceName.parse("organizations/acme/environments/prod/datasets/data");

  /** Hazard 16: a role gives each kind what it says of that kind. */
  @Test
  void role_onAnEnvironment_givesModelsWhatItSaysOfModels() {
    try (Acme acme = new Acme()) {
      acme.create(FRAUD, Optional.empty());
      acme.commit(Acme.grants(Acme.PROD, Acme.set(Acme.BO, "user")));
      assertTrue(acme.ask(Acme.asks(Acme.BO, FRAUD, "predict")).allowed());
      assertFalse(acme.ask(Acme.asks(Acme.BO, FRAUD, "get")).allowed());
      assertFalse(acme.ask(Acme.asks(Acme.BO, FRAUD, "use")).allowed());
      assertTrue(acme.ask(Acme.asks(Acme.BO, Acme.PROD, "get")).allowed());
      assertTrue(acme.ask(Acme.asks(Acme.BO, Acme.PROD, "use")).allowed());
    }
  }

  /** Hazard 16: who may share a role's permissions here may lack what it gives below. */
  @Test
  void share_ofARoleThatGivesMoreBelow_isRefused() {
    try (Acme acme = new Acme()) {
      acme.commit(Acme.grants(Acme.PROD, raw(Acme.ANA, HERE)));
      acme.assertRefused(
          Fault.CAP_EXCEEDED, Acme.ANA, Acme.grants(Acme.PROD, Acme.set(Acme.BO, "user")));
      acme.commit(Acme.ANA, Acme.grants(Acme.PROD, raw(Acme.BO, List.of("discover", "use"))));
    }
  }

  /** Hazard 16: nor may he take such a role from somebody. */
  @Test
  void revoke_ofARoleThatGivesMoreBelow_isRefused() {
    try (Acme acme = new Acme()) {
      acme.commit(Acme.grants(Acme.PROD, raw(Acme.ANA, HERE)));
      acme.commit(Acme.grants(Acme.PROD, Acme.set(Acme.BO, "user")));
      acme.assertRefused(Fault.ABOVE_YOU, Acme.ANA, Acme.grants(Acme.PROD, Acme.remove(Acme.BO)));
    }
  }

  /** Hazard 17: the document is copied at creation. */
  @Test
  void organization_new_holdsACopyOfItsProfile() {
    try (Acme acme = new Acme()) {
      assertEquals(builtIn(), acme.rows(rows -> rows.profile(1)).orElseThrow().text());
    }
  }

  /** Hazard 17: an organization goes by its copy, whatever comes with the binary. */
  @Test
  void organization_whoseCopyDiffersFromTheBuiltIn_goesByItsCopy() {
    String older = builtIn().replace("\"*\": [discover, get]\n", "\"*\": [discover]\n");
    assertNotEquals(builtIn(), older);
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      acme.bed.deliver(
          List.of(
              Changes.at(
                  1_000_000,
                  Changes.next(acme.head(), new ProfileRow(1, "modelgate", 1, older).put()))));
      assertFalse(acme.ask(Acme.BO_GETS).allowed());
      assertTrue(acme.ask(Acme.asks(Acme.BO, Acme.ROOT, "discover")).allowed());
      try (Bed again = new Bed(acme.replica, new Stamps(), acme.wall, 0)) {
        assertFalse(again.ask(Acme.BO_GETS).allowed());
      }
    }
  }

  /** Hazard 24: an owner is one for good. */
  @Test
  void owner_forATime_isRefused() {
    try (Acme acme = new Acme()) {
      long soon = acme.bed.nowMicros() + 1_000_000;
      acme.assertRefused(
          Fault.INVALID_FIELD,
          Acme.grants(Acme.PROD, Acme.change(Mode.SET, Acme.BO, "owner", false, soon)));
      GrantChange later =
          new GrantChange(
              Mode.SET, Acme.BO, "owner", List.of(), false, false, soon, Micros.NEVER, "");
      acme.assertRefused(Fault.INVALID_FIELD, Acme.grants(Acme.PROD, later));
    }
  }

  /** Hazard 24: nobody gives for longer than he has. */
  @Test
  void share_thatOutlivesWhatIsHeld_isRefused() {
    try (Acme acme = new Acme()) {
      long end = acme.bed.nowMicros() + 10_000_000;
      acme.commit(Acme.grants(Acme.PROD, Acme.change(Mode.SET, Acme.ANA, "editor", true, end)));
      acme.assertRefused(
          Fault.CAP_EXCEEDED, Acme.ANA, Acme.grants(Acme.PROD, Acme.set(Acme.BO, "viewer")));
      acme.assertRefused(
          Fault.CAP_EXCEEDED,
          Acme.ANA,
          Acme.grants(Acme.PROD, Acme.change(Mode.SET, Acme.BO, "viewer", false, end + 1)));
      acme.commit(
          Acme.ANA, Acme.grants(Acme.PROD, Acme.change(Mode.SET, Acme.BO, "viewer", false, end)));
    }
  }

  /** Hazard 24: one who may share for a time keeps no resource from being nobody's. */
  @Test
  void lastSharer_besideOneForATime_cannotBeRemoved() {
    try (Acme acme = new Acme()) {
      acme.create(DATA, Optional.empty());
      long end = acme.bed.nowMicros() + 10_000_000;
      acme.commit(Acme.grants(DATA, Acme.change(Mode.SET, Acme.ANA, "editor", true, Micros.NEVER)));
      acme.commit(Acme.grants(DATA, Acme.change(Mode.SET, Acme.BO, "editor", true, end)));
      acme.assertRefused(Fault.LAST_SHARER, Acme.grants(DATA, Acme.remove(Acme.ANA)));
      acme.commit(Acme.grants(DATA, Acme.change(Mode.SET, Acme.BO, "editor", true, Micros.NEVER)));
      acme.commit(Acme.grants(DATA, Acme.remove(Acme.ANA)));
    }
  }

  /** Hazard 24: no floor stands in the way of switching somebody off. */
  @Test
  void lastOwner_disabledSuspendedOrDeleted_isSo() {
    try (Acme acme = new Acme()) {
      acme.create(FRAUD, Optional.of(Acme.ANA));
      acme.assertRefused(Fault.LAST_OWNER, Acme.grants(FRAUD, Acme.remove(Acme.ANA)));
      acme.commit(
          new Command.PutPrincipal(
              Acme.ANA, Optional.of(PrincipalRow.State.DISABLED), Optional.empty(), "", "", false));
      assertEquals("PRINCIPAL_INACTIVE", acme.ask(Acme.gets(Acme.ANA, FRAUD)).reason());
      acme.assertRefused(Fault.LAST_OWNER, Acme.grants(FRAUD, Acme.remove(Acme.ANA)));
      acme.commit(new Command.SuspendPrincipal(Acme.ANA, true));
      acme.commit(new Command.DeletePrincipal(Acme.ANA, ""));
      assertEquals("PRINCIPAL_INACTIVE", acme.ask(Acme.gets(Acme.ANA, FRAUD)).reason());
      // An administrator repairs it.
      acme.commit(Acme.OWNER, Acme.grants(FRAUD, Acme.set(Acme.BO, "viewer")));
    }
  }

  /** Hazard 25: an import is for administrators, and what it gives is given by who imports. */
  @Test
  void import_ofGrants_isForAdministratorsAndTheirGift() {
    ImportItems items =
        new ImportItems(List.of(new Command.ImportGrant(Acme.PROD, merge(Acme.BO, "viewer"))), 0);
    try (Acme acme = new Acme()) {
      acme.share(Acme.ANA);
      acme.commit(Acme.grants(Acme.PROD, Acme.set(Acme.ANA, "owner")));
      acme.assertRefused(Fault.NOT_PERMITTED, Acme.ANA, items);
      acme.commit(Acme.OWNER, items);
      Grant given =
          acme.rows(
                  rows ->
                      rows.grants(
                          rows.resource(Acme.PROD.relativePath()).orElseThrow().uid(),
                          rows.principal(Acme.BO).orElseThrow().uid()))
              .orElseThrow()
              .grants()
              .get(0);
      assertEquals(acme.uid(Acme.OWNER), given.grantedBy());
      assertEquals(Grant.Origin.DIRECT, given.origin());
    }
  }

  private static String builtIn() {
    return BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow().text();
  }

  private static GrantChange merge(PrincipalName with, String role) {
    return Acme.change(Mode.MERGE, with, role, false, Micros.NEVER);
  }

  private static GrantChange raw(PrincipalName with, List<String> permissions) {
    return new GrantChange(Mode.SET, with, "", permissions, true, false, 0, Micros.NEVER, "");
  }
}
