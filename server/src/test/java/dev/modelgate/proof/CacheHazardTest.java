package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Grounds;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The hazards of reading and caching, each with the interleaving that brings it about. */
final class CacheHazardTest {
  private static final PrincipalName RISK = PrincipalName.parse("group:risk");

  /** Hazard 1: who finds the new state finds its stamps raised. */
  @Test
  void state_whileStampsAreRaised_isStillTheOldOne() {
    AtomicReference<@Nullable Acme> there = new AtomicReference<>();
    Set<Long> seen = new HashSet<>();
    Stamps watching =
        new Stamps() {
          @Override
          public void raise(int stripe, long sequence) {
            super.raise(stripe, sequence);
            Acme acme = there.get();
            if (acme != null) {
              seen.add(acme.head().version());
            }
          }
        };
    try (Acme acme = new Acme(new MemoryReplica(Rows::check), watching)) {
      long before = acme.head().version();
      there.set(acme);
      acme.share(Acme.BO);
      assertEquals(Set.of(before), seen);
      assertEquals(before + 1, acme.head().version());
    }
  }

  /** Hazard 3: an entry that another caller made of a newer state is no hit in an older one. */
  @Test
  void hit_ofANewerStateThanTheOneLoaded_isNotBelieved() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      acme.atTheNextReadOfTheClock(
          () -> {
            acme.revoke(Acme.BO);
            assertFalse(acme.ask(Acme.BO_GETS).allowed());
          });
      Answer answer = acme.bed.answer(Acme.BO_GETS, Optional.of(new Grounds())).join();
      assertFalse(answer.allowed());
      assertEquals(acme.token(), answer.revision(), "a denial at a revision at which he may");
    }
  }

  /** The organization of the question before is remembered, never one that only begins like it. */
  @Test
  void organizations_whoseNamesBeginAlike_areToldApart() {
    try (Acme acme = new Acme()) {
      acme.register("acme-2", Acme.OWNER);
      acme.share(Acme.BO);
      ResourceName other = ResourceName.ofOrganization("acme-2");
      for (int round = 0; round < 3; round++) {
        assertTrue(acme.ask(Acme.BO_GETS).allowed());
        assertTrue(acme.ask(Acme.gets(Acme.OWNER, Acme.PROD)).allowed(), "below it");
        assertFalse(acme.ask(Acme.gets(Acme.BO, other)).allowed(), "a longer name");
        assertTrue(acme.ask(Acme.gets(Acme.OWNER, other)).allowed());
        assertEquals(
            "UNKNOWN_RESOURCE",
            acme.ask(Acme.gets(Acme.BO, ResourceName.ofOrganization("acm"))).reason(),
            "a shorter one");
      }
    }
  }

  /** Hazard 4: whichever read of an evaluation fails, it is an error, and nothing is cached. */
  @Test
  void check_oneOfWhoseReadsFails_isAnErrorAndLeavesNothing() {
    int failed = 0;
    while (failsAtRead(failed)) {
      failed++;
    }
    assertTrue(failed >= 5, "only " + failed + " reads in an evaluation");
  }

  /** Whether an evaluation has that many reads, with the last of them failing. */
  private static boolean failsAtRead(int read) {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, new Stamps())) {
      acme.put(RISK);
      acme.commit(
          new Command.UpdateMemberships(List.of(new MembershipChange(true, RISK, Acme.BO))));
      acme.share(RISK);
      AtomicInteger left = new AtomicInteger(read);
      replica.onRead(
          () -> {
            if (left.getAndDecrement() == 0) {
              throw new CorruptionException("a bit has flipped");
            }
          });
      if (acme.bed.answer(Acme.BO_GETS).handle((answer, failure) -> failure == null).join()) {
        return false;
      }
      replica.onRead(() -> {});
      long misses = acme.bed.counts().misses.sum();
      assertTrue(acme.ask(Acme.BO_GETS).allowed(), "after read " + read + " failed");
      assertEquals(misses + 1, acme.bed.counts().misses.sum(), "a failed evaluation was cached");
      return true;
    }
  }

  /** Hazard 4: what a failed read is called. */
  @Test
  void check_onADamagedRow_saysSo() {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, new Stamps())) {
      replica.onRead(
          () -> {
            throw new CorruptionException("a bit has flipped");
          });
      assertEquals(Fault.STORE_DAMAGED, acme.refusal(Acme.BO_GETS).fault());
    }
  }

  /** Hazard 5: a change costs the answers that depend on it and no others. */
  @Test
  void change_ofSomethingElse_leavesAHitAHit() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      acme.ask(Acme.BO_GETS);
      acme.commit(Acme.grants(Acme.PROD, Acme.set(Acme.ANA, "editor")));
      acme.commit(Acme.grants(Acme.PROD, Acme.remove(Acme.ANA)));
      long hits = acme.bed.counts().hits.sum();
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      assertEquals(hits + 1, acme.bed.counts().hits.sum());
    }
  }

  /** Hazard 5: groups are flattened to groups only. */
  @Test
  void edgeBetweenGroups_ofManyMembers_isOneRow() {
    PrincipalName all = PrincipalName.parse("group:all");
    try (Acme acme = new Acme()) {
      acme.put(RISK);
      acme.put(all);
      List<MembershipChange> members = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        members.add(
            new MembershipChange(true, RISK, PrincipalName.parse("user:u" + i + "@acme.com")));
      }
      acme.commit(new Command.UpdateMemberships(members));
      var edge = new Command.UpdateMemberships(List.of(new MembershipChange(true, all, RISK)));
      var outcome = Acme.await(acme.submit(Acme.order("edge", "edge", ""), edge));
      assertEquals(1, outcome.changeSet().orElseThrow().mutations().size());
    }
  }

  /**
   * Hazard 8: ana may at first, bo at the end, and never both; a chain of both is validated while
   * that changes between its two links.
   */
  @Test
  void chain_changedBetweenItsLinks_isNeverAllowed() {
    HookedStamps stamps = new HookedStamps();
    try (Acme acme = new Acme(new MemoryReplica(Rows::check), stamps)) {
      Question both =
          new Question(
              Acme.ANA.toString(),
              Acme.ROOT.toString(),
              "get",
              List.of(Acme.BO.toString()),
              Consistency.CURRENT);
      for (int round = 0; round < 50; round++) {
        acme.share(Acme.ANA);
        acme.ask(Acme.gets(Acme.ANA, Acme.ROOT));
        acme.ask(Acme.BO_GETS);
        assertFalse(acme.ask(both).allowed());
        stamps.afterTheNextValidation(
            () -> {
              acme.revoke(Acme.ANA);
              acme.share(Acme.BO);
              acme.ask(Acme.BO_GETS);
            });
        assertFalse(acme.ask(both).allowed(), "two links of two states");
        acme.revoke(Acme.BO);
      }
    }
  }

  /** Hazard 10: the answer's revision is one at which it holds, whatever comes meanwhile. */
  @Test
  void answer_whileARevokeLands_namesTheRevisionAtWhichItHolds() {
    HookedStamps stamps = new HookedStamps();
    try (Acme acme = new Acme(new MemoryReplica(Rows::check), stamps)) {
      acme.share(Acme.BO);
      acme.ask(Acme.BO_GETS);
      String before = acme.token();
      stamps.afterTheNextValidation(() -> acme.revoke(Acme.BO));
      Answer answer = acme.ask(Acme.BO_GETS);
      assertTrue(answer.allowed());
      assertEquals(before, answer.revision());
      assertEquals(acme.token(), acme.ask(Acme.BO_GETS).revision());
    }
  }

  /** Hazard 11: nothing is read from disk where questions arrive, which is an event loop. */
  @Test
  void reads_ofChecks_areMadeOnThePoolAlone() {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, new Stamps(), 1)) {
      acme.share(Acme.BO);
      Set<String> readers = ConcurrentHashMap.newKeySet();
      replica.onRead(() -> readers.add(Thread.currentThread().getName()));
      acme.ask(Acme.BO_GETS);
      acme.ask(Acme.BO_GETS);
      acme.ask(Acme.gets(Acme.ANA, Acme.PROD));
      acme.bed
          .answer(Acme.gets(PrincipalName.parse("group:risk"), Acme.ROOT))
          .handle((a, e) -> 0)
          .join();
      assertFalse(readers.isEmpty());
      // A recheck may still be reading behind its answer, so the names are looked at, not taken
      // out.
      assertEquals(
          List.of(), readers.stream().filter(name -> !name.startsWith("modelgate-miss-")).toList());
    }
  }
}
