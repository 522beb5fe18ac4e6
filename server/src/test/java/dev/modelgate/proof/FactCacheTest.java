package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What evaluations remember for one another is as good as what they would read (hazards 3, 5). */
final class FactCacheTest {
  private static final ResourceName MODEL = ResourceName.parse(Acme.PROD + "/models/fraud");
  private static final Question BO_GETS = Acme.gets(Acme.BO, MODEL);
  private static final Question ANA_GETS = Acme.gets(Acme.ANA, MODEL);

  private final MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
  private final AtomicInteger reads = new AtomicInteger();

  private Acme acme() {
    Acme acme = new Acme(replica, new Stamps());
    acme.create(MODEL, Optional.empty());
    replica.onRead(reads::incrementAndGet);
    return acme;
  }

  private int readsOf(Acme acme, Question question, boolean allowed) {
    int before = reads.get();
    assertEquals(allowed, acme.ask(question).allowed(), question.toString());
    return reads.get() - before;
  }

  @Test
  void reads_ofALaterCallerOnTheSamePath_areHisOwnAlone() {
    try (Acme acme = acme()) {
      int first = readsOf(acme, BO_GETS, false);
      PrincipalName other = PrincipalName.parse("user:cleo@acme.com");
      acme.put(other);
      acme.ask(ANA_GETS);
      int third = readsOf(acme, Acme.gets(other, MODEL), false);
      assertTrue(third < first / 2, "the first read " + first + ", the third " + third);
    }
  }

  @Test
  void grant_toTheFirstAccountOfAResource_isSeenByThoseWhoKnewOfNone() {
    try (Acme acme = acme()) {
      for (int i = 0; i < 3; i++) {
        PrincipalName name = PrincipalName.parse("user:early" + i + "@acme.com");
        acme.put(name);
        assertFalse(acme.ask(Acme.gets(name, MODEL)).allowed());
      }
      acme.commit(Acme.grants(MODEL, Acme.set(Acme.BO, "viewer")));
      assertTrue(acme.ask(BO_GETS).allowed());
      assertFalse(acme.ask(ANA_GETS).allowed());
    }
  }

  @Test
  void grant_toAGroupOfARememberedCaller_isSeenAndItsEndToo() {
    PrincipalName group = PrincipalName.parse("group:risk");
    try (Acme acme = acme()) {
      acme.put(group);
      acme.commit(
          new Command.UpdateMemberships(List.of(new MembershipChange(true, group, Acme.BO))));
      assertFalse(acme.ask(BO_GETS).allowed());
      assertFalse(acme.ask(ANA_GETS).allowed());
      acme.commit(Acme.grants(MODEL, Acme.set(group, "viewer")));
      assertTrue(acme.ask(BO_GETS).allowed());
      acme.commit(Acme.grants(MODEL, Acme.remove(group)));
      assertFalse(acme.ask(BO_GETS).allowed());
    }
  }

  @Test
  void edgeBetweenGroups_fourAbove_endsWhatItGave() {
    try (Acme acme = acme()) {
      List<PrincipalName> chain = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        chain.add(PrincipalName.parse("group:level" + i));
        acme.put(chain.get(i));
      }
      PrincipalName below = Acme.BO;
      for (PrincipalName group : chain) {
        acme.commit(
            new Command.UpdateMemberships(List.of(new MembershipChange(true, group, below))));
        below = group;
      }
      acme.commit(Acme.grants(MODEL, Acme.set(chain.get(4), "viewer")));
      assertTrue(acme.ask(BO_GETS).allowed());
      acme.commit(
          new Command.UpdateMemberships(
              List.of(new MembershipChange(false, chain.get(3), chain.get(2)))));
      assertFalse(acme.ask(BO_GETS).allowed());
    }
  }

  /** What is above a group is remembered for all who are in it. */
  @Test
  void groupsAboveAGroup_thatAreSuspendedOrLost_areSoForItsNextMember() {
    PrincipalName low = PrincipalName.parse("group:low");
    PrincipalName middle = PrincipalName.parse("group:middle");
    PrincipalName top = PrincipalName.parse("group:top");
    try (Acme acme = acme()) {
      List.of(low, middle, top).forEach(acme::put);
      acme.commit(
          new Command.UpdateMemberships(
              List.of(
                  new MembershipChange(true, middle, low),
                  new MembershipChange(true, top, middle))));
      acme.commit(Acme.grants(MODEL, Acme.set(top, "viewer")));
      for (int i = 0; i < 3; i++) {
        assertTrue(acme.ask(Acme.gets(memberOf(acme, low, i), MODEL)).allowed());
      }
      acme.commit(new Command.SuspendPrincipal(middle, true));
      assertEquals("SUSPENDED", acme.ask(Acme.gets(memberOf(acme, low, 3), MODEL)).reason());
      acme.commit(new Command.SuspendPrincipal(middle, false));
      assertTrue(acme.ask(Acme.gets(memberOf(acme, low, 4), MODEL)).allowed());
      acme.commit(new Command.UpdateMemberships(List.of(new MembershipChange(false, top, middle))));
      assertFalse(acme.ask(Acme.gets(memberOf(acme, low, 5), MODEL)).allowed());
    }
  }

  private static PrincipalName memberOf(Acme acme, PrincipalName group, int number) {
    PrincipalName name = PrincipalName.parse("user:" + group.id() + number + "@acme.com");
    acme.put(name);
    acme.commit(new Command.UpdateMemberships(List.of(new MembershipChange(true, group, name))));
    return name;
  }

  /** More than are kept with each path: their resource has them, for all paths through it. */
  @Test
  void grants_toManyGroupsOnAResource_endLikeThoseToFew() {
    try (Acme acme = acme()) {
      ResourceName version = ResourceName.parse(MODEL + "/versions/1");
      PrincipalName[] groups = new PrincipalName[8];
      for (int i = 0; i < groups.length; i++) {
        groups[i] = PrincipalName.parse("group:g" + i);
        acme.put(groups[i]);
        acme.commit(Acme.grants(MODEL, Acme.set(groups[i], "viewer")));
      }
      for (ResourceName asked : List.of(MODEL, version)) {
        for (int i = 0; i < groups.length; i++) {
          assertTrue(acme.ask(Acme.gets(memberOf(acme, groups[i], asked), asked)).allowed());
        }
      }
      acme.commit(Acme.grants(MODEL, Acme.set(Acme.ANA, "viewer")));
      for (ResourceName asked : List.of(MODEL, version)) {
        assertTrue(acme.ask(Acme.gets(Acme.ANA, asked)).allowed());
      }
      acme.commit(Acme.grants(MODEL, Acme.remove(groups[3])));
      for (ResourceName asked : List.of(MODEL, version)) {
        assertFalse(acme.ask(Acme.gets(memberOf(acme, groups[3], asked), asked)).allowed());
        assertTrue(acme.ask(Acme.gets(memberOf(acme, groups[4], asked), asked)).allowed());
        assertFalse(acme.ask(Acme.gets(Acme.BO, asked)).allowed());
      }
    }
  }

  /** Somebody new in a group. */
  private PrincipalName memberOf(Acme acme, PrincipalName group, ResourceName asked) {
    String id = group.id() + "-" + asked.depth() + "-" + reads.get();
    PrincipalName name = PrincipalName.parse("user:" + id + "@acme.com");
    acme.put(name);
    acme.commit(new Command.UpdateMemberships(List.of(new MembershipChange(true, group, name))));
    return name;
  }

  /** More grants than are walked for those to groups: each is then read by itself. */
  @Test
  void grants_onAResourceOfThousands_areAllFound() {
    PrincipalName group = PrincipalName.parse("group:late");
    try (Acme acme = acme()) {
      acme.put(group);
      acme.commit(
          new Command.UpdateMemberships(List.of(new MembershipChange(true, group, Acme.BO))));
      for (int batch = 0; batch < 11; batch++) {
        List<Command.GrantChange> changes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          PrincipalName user = PrincipalName.parse("user:u" + batch + "-" + i + "@acme.com");
          changes.add(Acme.set(user, "viewer"));
        }
        acme.commit(Acme.grants(MODEL, changes.toArray(Command.GrantChange[]::new)));
      }
      assertFalse(acme.ask(ANA_GETS).allowed());
      assertFalse(acme.ask(BO_GETS).allowed());
      acme.commit(Acme.grants(MODEL, Acme.set(group, "viewer")));
      assertTrue(acme.ask(BO_GETS).allowed());
      PrincipalName last = PrincipalName.parse("user:u10-99@acme.com");
      assertTrue(acme.ask(Acme.gets(last, MODEL)).allowed());
    }
  }

  private static ResourceName model(int number) {
    return ResourceName.parse(Acme.PROD + "/models/m" + number);
  }

  /** Models with a grant to somebody else, so that any question looks for one to its caller. */
  private Acme withModels(int count) {
    Acme acme = acme();
    PrincipalName other = PrincipalName.parse("user:other@acme.com");
    acme.put(other);
    for (int i = 0; i < count; i++) {
      acme.create(model(i), Optional.empty());
      acme.commit(Acme.grants(model(i), Acme.set(other, "viewer")));
      for (int asked = 0; asked < 3; asked++) {
        PrincipalName early = PrincipalName.parse("user:early" + asked + "@acme.com");
        assertFalse(acme.ask(Acme.gets(early, model(i))).allowed());
      }
    }
    return acme;
  }

  /** Bo is asked about so often that his grants are walked. */
  private void askUntilKnown(Acme acme, int from) {
    for (int i = 0; i < 6; i++) {
      assertFalse(acme.ask(Acme.gets(Acme.BO, model(from + i))).allowed());
    }
  }

  @Test
  void resource_withoutAGrantOfAKnownCaller_takesNoRead() {
    try (Acme acme = withModels(24)) {
      acme.commit(Acme.grants(model(20), Acme.set(Acme.BO, "viewer")));
      assertEquals(1, readsOf(acme, Acme.gets(Acme.ANA, model(0)), false) - 3, "a new caller");
      askUntilKnown(acme, 0);
      assertEquals(0, readsOf(acme, Acme.gets(Acme.BO, model(6)), false));
      assertEquals(1, readsOf(acme, Acme.gets(Acme.BO, model(20)), true), "his grant");
      acme.commit(Acme.grants(model(7), Acme.set(Acme.ANA, "viewer")));
      assertEquals(0, readsOf(acme, Acme.gets(Acme.BO, model(8)), false), "hers is not his");
      acme.commit(Acme.grants(model(9), Acme.set(Acme.BO, "viewer")));
      assertTrue(acme.ask(Acme.gets(Acme.BO, model(9))).allowed());
      assertEquals(1, readsOf(acme, Acme.gets(Acme.BO, model(10)), false), "he has another grant");
    }
  }

  @Test
  void grant_toACallerOfWhomNoneWereKnown_isSeenAndItsEndToo() {
    try (Acme acme = withModels(40)) {
      for (int round = 0; round < 3; round++) {
        int first = round * 12;
        askUntilKnown(acme, first);
        acme.commit(Acme.grants(model(first + 6), Acme.set(Acme.BO, "viewer")));
        assertTrue(acme.ask(Acme.gets(Acme.BO, model(first + 6))).allowed());
        askUntilKnown(acme, first);
        acme.commit(Acme.grants(model(first + 6), Acme.remove(Acme.BO)));
        assertFalse(acme.ask(Acme.gets(Acme.BO, model(first + 6))).allowed());
      }
    }
  }

  @Test
  void walkOfTheGrantsOfACaller_thatFails_isAnErrorAndLeavesNothing() {
    try (Acme acme = withModels(12)) {
      // Each counts twice: memory has nothing here, so it is tried at once and then on the pool.
      for (int i = 0; i < 2; i++) {
        assertFalse(acme.ask(Acme.gets(Acme.BO, model(i))).allowed());
      }
      replica.onRead(
          () -> {
            throw new CorruptionException("a bit has flipped");
          });
      for (int i = 0; i < 3; i++) {
        Question walks = Acme.gets(Acme.BO, model(4));
        assertTrue(acme.bed.answer(walks).handle((answer, failure) -> failure != null).join());
      }
      replica.onRead(reads::incrementAndGet);
      acme.commit(Acme.grants(model(4), Acme.set(Acme.BO, "viewer")));
      assertTrue(acme.ask(Acme.gets(Acme.BO, model(4))).allowed());
    }
  }
}
