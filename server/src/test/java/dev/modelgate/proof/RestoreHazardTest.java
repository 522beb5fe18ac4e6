package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.row.OrphanRow;
import dev.modelgate.store.row.PrincipalRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Hazards 13 and 31: who is restored has what he had, no more, and the state stays a sound one. */
final class RestoreHazardTest {
  private static final PrincipalName RISK = PrincipalName.parse("group:risk");
  private static final PrincipalName ALL = PrincipalName.parse("group:all");
  private static final PrincipalName WORLD = PrincipalName.parse("group:world");
  private static final Question ANA_GETS = Acme.gets(Acme.ANA, Acme.ROOT);

  private static Command member(boolean add, PrincipalName group, PrincipalName member) {
    return new Command.UpdateMemberships(List.of(new MembershipChange(add, group, member)));
  }

  private static Command restore(PrincipalName name, Uid uid) {
    return new Command.RestorePrincipal(name, uid);
  }

  private static Command disabled(PrincipalName name) {
    return new Command.PutPrincipal(
        name, Optional.of(PrincipalRow.State.DISABLED), Optional.empty(), "", "", false);
  }

  private static Uid delete(Acme acme, PrincipalName name) {
    Uid uid = acme.uid(name);
    acme.commit(new Command.DeletePrincipal(name, ""));
    return uid;
  }

  @Test
  void restored_hasHisGroupsAgain_butWhereTheyEndedMeanwhile() {
    try (Acme acme = new Acme()) {
      acme.put(RISK);
      acme.put(ALL);
      acme.commit(member(true, RISK, Acme.ANA));
      acme.commit(member(true, ALL, Acme.ANA));
      acme.share(RISK);
      acme.commit(Acme.grants(Acme.PROD, Acme.set(ALL, "viewer")));
      assertTrue(acme.ask(ANA_GETS).allowed());
      Uid ana = delete(acme, Acme.ANA);
      acme.commit(new Command.DeletePrincipal(ALL, ""));
      acme.put(ALL);
      acme.commit(Acme.grants(Acme.PROD, Acme.set(ALL, "editor")));
      assertEquals("PRINCIPAL_INACTIVE", acme.ask(ANA_GETS).reason());
      acme.commit(restore(Acme.ANA, ana));
      assertTrue(acme.ask(ANA_GETS).allowed());
      assertEquals("ACCESS", acme.ask(Acme.asks(Acme.ANA, Acme.PROD, "update")).reason());
      acme.revoke(RISK);
      assertEquals("NO_GRANT", acme.ask(ANA_GETS).reason());
    }
  }

  @Test
  void restoredGroup_givesItsMembersWhatItGave_unlessItWasDisabled() {
    try (Acme acme = new Acme()) {
      acme.put(RISK);
      acme.commit(member(true, RISK, Acme.ANA));
      acme.share(RISK);
      assertTrue(acme.ask(ANA_GETS).allowed());
      Uid risk = delete(acme, RISK);
      assertEquals("NO_GRANT", acme.ask(ANA_GETS).reason());
      acme.commit(restore(RISK, risk));
      assertTrue(acme.ask(ANA_GETS).allowed());
      acme.commit(disabled(RISK));
      acme.commit(new Command.DeletePrincipal(RISK, ""));
      acme.commit(restore(RISK, risk));
      assertEquals("NO_GRANT", acme.ask(ANA_GETS).reason());
      acme.put(RISK);
      assertEquals("NO_GRANT", acme.ask(ANA_GETS).reason(), "its state is kept by a put");
    }
  }

  /** Hazard 34: deleting and restoring is no way around a suspension. */
  @Test
  void restored_whenHeWasSuspended_isSoStill() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.ANA);
      acme.commit(new Command.SuspendPrincipal(Acme.ANA, true));
      Uid ana = delete(acme, Acme.ANA);
      assertEquals("PRINCIPAL_INACTIVE", acme.ask(ANA_GETS).reason());
      acme.commit(restore(Acme.ANA, ana));
      assertEquals("SUSPENDED", acme.ask(ANA_GETS).reason());
      acme.commit(new Command.SuspendPrincipal(Acme.ANA, false));
      assertTrue(acme.ask(ANA_GETS).allowed());
    }
  }

  @Test
  void restoredGroup_thatWouldCloseACycle_staysDeleted() {
    try (Acme acme = new Acme()) {
      List.of(RISK, ALL, WORLD).forEach(acme::put);
      acme.commit(member(true, ALL, RISK));
      acme.commit(member(true, WORLD, ALL));
      Uid all = delete(acme, ALL);
      acme.commit(member(true, RISK, WORLD));
      acme.assertRefused(Fault.MEMBERSHIP_CYCLE, restore(ALL, all));
      acme.commit(member(false, RISK, WORLD));
      acme.commit(restore(ALL, all));
      acme.assertRefused(Fault.MEMBERSHIP_CYCLE, member(true, RISK, WORLD));
    }
  }

  @Test
  void restoredGroup_thatWouldNestTooDeep_staysDeleted() {
    try (Acme acme = new Acme()) {
      List<PrincipalName> chain = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        chain.add(PrincipalName.parse("group:g" + i));
        acme.put(chain.get(i));
      }
      PrincipalName extra = PrincipalName.parse("group:extra");
      acme.put(extra);
      for (int i = 1; i < 32; i++) {
        acme.commit(member(true, chain.get(i), chain.get(i - 1)));
      }
      Uid middle = delete(acme, chain.get(16));
      acme.commit(member(true, extra, chain.get(31)));
      acme.assertRefused(Fault.MEMBERSHIP_DEPTH, restore(chain.get(16), middle));
      acme.commit(member(false, extra, chain.get(31)));
      acme.commit(restore(chain.get(16), middle));
    }
  }

  /** A sweep takes several change sets; from the first one on there is no way back. */
  @Test
  void restore_whenTheSweepHasBegun_isRefused() {
    try (Acme acme = new Acme()) {
      acme.put(RISK);
      for (int half = 0; half < 2; half++) {
        List<MembershipChange> members = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
          String name = "user:u" + (600 * half + i) + "@acme.com";
          members.add(new MembershipChange(true, RISK, PrincipalName.parse(name)));
        }
        acme.commit(new Command.UpdateMemberships(members));
      }
      acme.share(RISK);
      Uid risk = delete(acme, RISK);
      OrphanRow orphan = acme.rows(rows -> rows.orphan(risk)).orElseThrow();
      acme.commit(new Command.Sweep(risk, orphan.left().orElseThrow().deletedAtMicros()));
      OrphanRow begun = acme.rows(rows -> rows.orphan(risk)).orElseThrow();
      assertEquals(Optional.empty(), begun.left());
      acme.assertRefused(Fault.NOT_RESTORABLE, restore(RISK, risk));
      acme.bed.sweep();
      assertEquals(Optional.empty(), acme.rows(rows -> rows.orphan(risk)));
      acme.assertRefused(Fault.NOT_RESTORABLE, restore(RISK, risk));
    }
  }

  /** A sweep of one deletion that comes late, behind a restore and another deletion. */
  @Test
  void sweep_ofAnEarlierDeletion_leavesTheLaterOne() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.ANA);
      Uid ana = delete(acme, Acme.ANA);
      OrphanRow first = acme.rows(rows -> rows.orphan(ana)).orElseThrow();
      Command late = new Command.Sweep(ana, first.left().orElseThrow().deletedAtMicros());
      acme.commit(restore(Acme.ANA, ana));
      acme.commit(late);
      assertTrue(acme.ask(ANA_GETS).allowed());
      acme.wall.set(acme.wall.micros() + 1_000_000);
      acme.commit(new Command.DeletePrincipal(Acme.ANA, ""));
      acme.commit(late);
      acme.commit(restore(Acme.ANA, ana));
      assertTrue(acme.ask(ANA_GETS).allowed());
    }
  }

  @Test
  void externalLink_isNotDeletedLikeAPrincipal() {
    try (Acme acme = new Acme()) {
      acme.assertRefused(
          Fault.KIND_NOT_ALLOWED,
          new Command.DeletePrincipal(PrincipalName.parse("link:claims"), ""));
    }
  }
}
