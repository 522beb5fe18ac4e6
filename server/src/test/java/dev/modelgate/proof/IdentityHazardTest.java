package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.ImportItem;
import dev.modelgate.app.sharing.Command.ImportItems;
import dev.modelgate.app.sharing.Command.ImportPrincipal;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The hazards of names, identities and what permissions mean. */
final class IdentityHazardTest {
  private static final PrincipalName RISK = PrincipalName.parse("group:risk");
  private static final PrincipalName EVERYBODY = PrincipalName.organization("acme");
  private static final ResourceName FRAUD =
      ResourceName.parse("organizations/acme/environments/prod/models/fraud");

  /** Hazard 13. */
  @Test
  void account_deletedAndMadeAgain_hasNothingOfItsPredecessor() {
    try (Acme acme = new Acme()) {
      acme.put(RISK);
      acme.commit(
          new Command.UpdateMemberships(List.of(new MembershipChange(true, RISK, Acme.ANA))));
      acme.commit(Acme.grants(Acme.PROD, Acme.set(RISK, "editor")));
      acme.share(Acme.ANA);
      acme.commit(new Command.SuspendPrincipal(Acme.ANA, true));
      for (boolean swept : List.of(false, true)) {
        acme.commit(new Command.DeletePrincipal(Acme.ANA, ""));
        if (swept) {
          acme.bed.sweep();
        }
        acme.put(Acme.ANA);
        assertEquals("NO_GRANT", acme.ask(Acme.gets(Acme.ANA, Acme.ROOT)).reason());
        assertEquals("NO_GRANT", acme.ask(Acme.gets(Acme.ANA, Acme.PROD)).reason());
      }
    }
  }

  /** Hazard 13. */
  @Test
  void model_deletedAndMadeAgain_hasNothingOfItsPredecessor() {
    try (Acme acme = new Acme()) {
      acme.create(FRAUD, Optional.of(Acme.ANA));
      acme.commit(Acme.grants(FRAUD, Acme.set(Acme.BO, "viewer")));
      assertTrue(acme.ask(Acme.gets(Acme.BO, FRAUD)).allowed());
      acme.commit(new Command.SuspendResource(FRAUD, true));
      for (boolean swept : List.of(false, true)) {
        acme.commit(new Command.DeleteResource(FRAUD, ""));
        assertEquals("UNKNOWN_RESOURCE", acme.ask(Acme.gets(Acme.BO, FRAUD)).reason());
        if (swept) {
          acme.bed.sweep();
        }
        acme.create(FRAUD, Optional.of(Acme.OWNER));
        assertEquals("NO_GRANT", acme.ask(Acme.gets(Acme.BO, FRAUD)).reason());
        assertEquals("NO_GRANT", acme.ask(Acme.gets(Acme.ANA, FRAUD)).reason());
        assertTrue(acme.ask(Acme.gets(Acme.OWNER, FRAUD)).allowed());
      }
    }
  }

  /** Hazard 13: a deletion is one row, whatever there is to be swept. */
  @Test
  void deletion_ofAGroupWithManyMembers_changesAFewRows() {
    try (Acme acme = new Acme()) {
      acme.put(RISK);
      List<MembershipChange> members = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        members.add(
            new MembershipChange(true, RISK, PrincipalName.parse("user:u" + i + "@acme.com")));
      }
      acme.commit(new Command.UpdateMemberships(members));
      acme.share(RISK);
      Outcome outcome =
          Acme.await(acme.submit(Acme.order("d", "d", ""), new Command.DeletePrincipal(RISK, "")));
      assertTrue(outcome.changeSet().orElseThrow().mutations().size() <= 4);
    }
  }

  /** Hazard 13: who a deleted principal was stays known for ever. */
  @Test
  void tombstone_afterSweeping_isThere() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.ANA);
      Uid ana = acme.uid(Acme.ANA);
      acme.commit(new Command.DeletePrincipal(Acme.ANA, ""));
      assertEquals(1, acme.bed.sweep());
      assertEquals(0, acme.bed.sweep());
      PrincipalUidRow tombstone = acme.rows(rows -> rows.principalName(ana)).orElseThrow();
      assertTrue(tombstone.isDeleted());
      assertEquals(Acme.ANA, tombstone.name());
      acme.put(Acme.ANA);
      assertNotEquals(ana, acme.uid(Acme.ANA));
    }
  }

  /** Hazard 14: an account that nobody knows is nobody's colleague. */
  @Test
  void account_withoutRecord_isNotOneOfTheOrganization() {
    PrincipalName stranger = PrincipalName.parse("user:stranger@acme.com");
    try (Acme acme = new Acme()) {
      acme.share(EVERYBODY);
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      assertEquals("NO_GRANT", acme.ask(Acme.gets(stranger, Acme.ROOT)).reason());
      acme.put(stranger);
      assertTrue(acme.ask(Acme.gets(stranger, Acme.ROOT)).allowed());
    }
  }

  /** Hazard 14: nothing waits for whoever takes the name of a group or service account first. */
  @Test
  void groupOrServiceAccount_thatIsNotThere_receivesNothing() {
    try (Acme acme = new Acme()) {
      acme.put(RISK);
      for (String name : List.of("group:later", "serviceAccount:later")) {
        PrincipalName later = PrincipalName.parse(name);
        acme.assertRefused(
            Fault.UNKNOWN_PRINCIPAL, Acme.grants(Acme.ROOT, Acme.set(later, "viewer")));
        acme.assertRefused(
            Fault.UNKNOWN_PRINCIPAL,
            new Command.UpdateMemberships(List.of(new MembershipChange(true, RISK, later))));
        acme.assertRefused(
            Fault.UNKNOWN_PRINCIPAL,
            new Command.CreateResource(FRAUD, "", Map.of(), Optional.of(later)));
      }
    }
  }

  /** Hazard 14: the first grant makes the record, so that the name is somebody from then on. */
  @Test
  void user_thatIsNotThere_hasARecordFromTheFirstGrantOn() {
    PrincipalName cleo = PrincipalName.parse("user:cleo@acme.com");
    try (Acme acme = new Acme()) {
      acme.share(cleo);
      assertTrue(acme.ask(Acme.gets(cleo, Acme.ROOT)).allowed());
      Uid first = acme.uid(cleo);
      acme.commit(new Command.DeletePrincipal(cleo, ""));
      assertEquals("PRINCIPAL_INACTIVE", acme.ask(Acme.gets(cleo, Acme.ROOT)).reason());
      acme.put(cleo);
      assertNotEquals(first, acme.uid(cleo));
    }
  }

  /** Hazard 15: identities are counted, not computed from names. */
  @Test
  void uids_ofAllThatWasEverMade_areDifferent() {
    try (Acme acme = new Acme()) {
      Set<Uid> uids = new HashSet<>(List.of(acme.uid(Acme.OWNER), acme.uid(Acme.BO)));
      int made = uids.size();
      for (int change = 0; change < 3; change++) {
        List<ImportItem> items = new ArrayList<>();
        for (int i = 0; i < Command.CHANGES_MAX; i++) {
          items.add(
              new ImportPrincipal(
                  PrincipalName.parse("user:u" + change + "." + i + "@acme.com"),
                  PrincipalRow.State.ACTIVE,
                  PrincipalRow.GroupType.NONE,
                  ""));
        }
        acme.commit(new ImportItems(items, 0));
        items.forEach(item -> uids.add(acme.uid(((ImportPrincipal) item).principal())));
        made += items.size();
      }
      ResourceName model = FRAUD;
      acme.create(model, Optional.of(PrincipalName.parse("user:cleo@acme.com")));
      uids.add(acme.uid(PrincipalName.parse("user:cleo@acme.com")));
      uids.add(acme.rows(rows -> rows.resource(model.relativePath())).orElseThrow().uid());
      assertEquals(made + 2, uids.size());
    }
  }

  /** Hazard 15: a second one of a name is refused at its making. */
  @Test
  void creation_ofWhatIsThere_isRefused() {
    try (Acme acme = new Acme()) {
      acme.assertRefused(
          Fault.ALREADY_EXISTS,
          new Command.CreateResource(Acme.PROD, "", Map.of(), Optional.empty()));
      acme.assertRefused(
          Fault.ALREADY_EXISTS,
          new Command.PutPrincipal(Acme.ANA, Optional.empty(), Optional.empty(), "", "", true));
      assertEquals(
          Optional.of(Fault.ALREADY_EXISTS),
          acme.bed
              .commit("system", new Command.RegisterOrganization("acme"))
              .map(refusal -> refusal.fault()));
    }
  }
}
