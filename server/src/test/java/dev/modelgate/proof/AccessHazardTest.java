package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.app.check.Claims;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.check.Request;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Hazards 6, 12, 18, 32 and 39 of accesses that are watched. */
final class AccessHazardTest {
  private static final PrincipalName RISK = PrincipalName.parse("group:risk");
  private static final long SECOND = 1_000_000;

  @Test
  void firstAnswer_isTheCheck() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      AccessWatches watches = acme.bed.watches();
      assertEquals(acme.ask(Acme.BO_GETS), Watched.of(watches, Acme.BO_GETS).last());
      Question ana = Acme.gets(Acme.ANA, Acme.ROOT);
      assertEquals(acme.ask(ana), Watched.of(watches, ana).last());
    }
  }

  @Test
  void change_isToldOnce_andOfWhatChangedAlone() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      AccessWatches watches = acme.bed.watches();
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      Watched ana = Watched.of(watches, Acme.gets(Acme.ANA, Acme.ROOT));
      acme.revoke(Acme.BO);
      quiet(watches);
      acme.share(Acme.BO);
      quiet(watches);
      acme.commit(new Command.SuspendPrincipal(Acme.BO, true));
      quiet(watches);
      assertEquals(List.of("ALLOW", "NO_GRANT", "ALLOW", "SUSPENDED"), bo.all());
      assertEquals(List.of("NO_GRANT"), ana.all());
      bo.end();
      acme.commit(new Command.SuspendPrincipal(Acme.BO, false));
      quiet(watches);
      assertEquals(4, bo.all().size(), "told after its end");
      assertEquals(1, watches.open());
    }
  }

  /** Hazard 39: it is compared again, for what an answer stands on is registered after it. */
  @Test
  void change_atAnyReadOfTheFirstEvaluation_isTold() {
    assertEquals(List.of(), missed(new Stamps(), false), "reads at which a change is missed");
  }

  /** Hazard 39, switched off: stamps are not compared again. */
  @Test
  void change_atAReadOfTheFirstEvaluation_whenNothingIsCompared_isMissed() {
    assertFalse(missed(new Stamps(), true).isEmpty(), "the control finds the change");
  }

  /** The reads of a first evaluation at which a revoke is acknowledged and never told. */
  private static List<Integer> missed(Stamps stamps, boolean blind) {
    List<Integer> missed = new ArrayList<>();
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, stamps)) {
      AccessWatches watches =
          acme.bed.watches(
              acme.bed.publication(), blind ? new BlindStamps() : stamps, System::nanoTime);
      boolean reached = true;
      for (int read = 0; reached; read++) {
        acme.share(Acme.BO);
        AtomicInteger left = new AtomicInteger(read);
        replica.onRead(
            () -> {
              if (left.getAndDecrement() == 0) {
                acme.revoke(Acme.BO);
              }
            });
        Watched bo = Watched.of(watches, Acme.BO_GETS);
        replica.onRead(() -> {});
        reached = left.get() < 0;
        quiet(watches);
        if (reached && !bo.says().equals(Optional.of("NO_GRANT"))) {
          missed.add(read);
        }
        bo.end();
      }
    }
    return missed;
  }

  /** Hazard 39: an allow that is known to be old is not told, were it only for a moment. */
  @Test
  void allow_thatIsOldWhenItIsReady_isNotTold() {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, new Stamps())) {
      AccessWatches watches = acme.bed.watches();
      acme.share(Acme.BO);
      AtomicInteger reads = new AtomicInteger();
      replica.onRead(
          () -> {
            if (reads.getAndIncrement() == 0) {
              acme.revoke(Acme.BO);
            }
          });
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      assertTrue(reads.get() > 0, "the change came midway");
      assertEquals(List.of("NO_GRANT"), bo.all());
    }
  }

  /** Hazard 39: what is said of the whole organization is registered before the evaluation. */
  @Test
  void organization_suspendedAtAnyReadOfTheFirstEvaluation_isTold() {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, new Stamps())) {
      AccessWatches watches = acme.bed.watches();
      acme.share(Acme.BO);
      boolean reached = true;
      for (int read = 0; reached; read++) {
        AtomicInteger left = new AtomicInteger(read);
        replica.onRead(
            () -> {
              if (left.getAndDecrement() == 0) {
                suspend(acme, true);
              }
            });
        Watched bo = Watched.of(watches, Acme.BO_GETS);
        replica.onRead(() -> {});
        reached = left.get() < 0;
        quiet(watches);
        assertEquals(List.of(reached ? "SUSPENDED" : "ALLOW"), bo.all(), "read " + read);
        if (reached) {
          suspend(acme, false);
          quiet(watches);
          assertEquals(Optional.of("ALLOW"), bo.says());
        }
        bo.end();
        acme.revoke(Acme.BO);
        acme.share(Acme.BO);
      }
    }
  }

  /**
   * Hazard 6: at the end of a grant, and at its begin, and not before anybody looks at the time.
   */
  @Test
  void grant_thatEndsOrBegins_isToldWhenItsTimeHasCome() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      long begin = HandClock.BEGIN_MICROS + 10 * SECOND;
      acme.commit(Acme.grants(Acme.ROOT, during(Acme.BO, begin, begin + SECOND, "")));
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      watches.tick();
      quiet(watches);
      assertEquals(List.of("NO_GRANT"), bo.all());
      acme.wall.set(begin);
      quiet(watches);
      assertEquals(List.of("NO_GRANT"), bo.all(), "control: without the timer nobody is told");
      watches.tick();
      quiet(watches);
      acme.wall.set(begin + SECOND - 1);
      watches.tick();
      quiet(watches);
      assertEquals(List.of("NO_GRANT", "ALLOW"), bo.all());
      acme.wall.set(begin + SECOND);
      watches.tick();
      quiet(watches);
      assertEquals(List.of("NO_GRANT", "ALLOW", "NO_GRANT"), bo.all());
      long evaluated = acme.bed.counts().watched.sum();
      watches.tick();
      quiet(watches);
      assertEquals(evaluated, acme.bed.counts().watched.sum(), "there is nothing to wait for");
    }
  }

  /** Hazards 6 and 39: what has ended while the answer was made is not told, were it an allow. */
  @Test
  void grant_thatEndsWhileItIsLookedAt_isNotTold() {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, new Stamps())) {
      AccessWatches watches = acme.bed.watches();
      long end = HandClock.BEGIN_MICROS + 10 * SECOND;
      acme.commit(Acme.grants(Acme.ROOT, during(Acme.BO, 0, end, "")));
      AtomicInteger reads = new AtomicInteger();
      replica.onRead(
          () -> {
            if (reads.getAndIncrement() == 0) {
              acme.wall.set(end);
            }
          });
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      assertTrue(reads.get() > 0, "the time came midway");
      assertEquals(List.of("NO_GRANT"), bo.all());
    }
  }

  /** Hazard 7: what a condition says of the time of day is looked at now and then. */
  @Test
  void condition_onTheTime_isLookedAtAgainAfterAPause() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      long end = HandClock.BEGIN_MICROS + 10 * SECOND;
      String text = "request.time < timestamp(\"" + Micros.toInstant(end) + "\")";
      acme.commit(Acme.grants(Acme.ROOT, during(Acme.BO, 0, Micros.NEVER, text)));
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      watches.tick();
      quiet(watches);
      assertEquals(0, acme.bed.counts().watched.sum(), "it is looked at without end");
      acme.wall.set(end);
      watches.tick();
      quiet(watches);
      assertEquals(List.of("ALLOW", "NO_GRANT"), bo.all());
    }
  }

  @Test
  void condition_onWhatTheRequestLacks_isConditionalUntilItMattersNoMore() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      acme.commit(
          Acme.grants(Acme.ROOT, during(Acme.BO, 0, Micros.NEVER, "context.ticket == \"t1\"")));
      Watched lacks = Watched.of(watches, Acme.BO_GETS);
      Watched has = Watched.of(watches, with(new Request(() -> Map.of("ticket", "t1"), "")));
      assertEquals(Optional.of("CONDITIONAL"), lacks.says());
      assertEquals(Set.of("ticket"), lacks.last().missing());
      acme.revoke(Acme.BO);
      quiet(watches);
      assertEquals(List.of("CONDITIONAL", "NO_GRANT"), lacks.all());
      assertEquals(List.of("ALLOW", "NO_GRANT"), has.all());
    }
  }

  /** Hazard 8: any link of a chain, and who it was. */
  @Test
  void chain_isToldWhoIsDenied() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      acme.share(Acme.BO);
      acme.share(Acme.ANA);
      Question chain =
          new Question(
              Acme.BO.toString(),
              Acme.ROOT.toString(),
              "get",
              List.of(Acme.ANA.toString()),
              Consistency.CURRENT);
      Watched both = Watched.of(watches, chain);
      acme.revoke(Acme.ANA);
      quiet(watches);
      assertEquals(Acme.ANA.toString(), both.last().deniedLink());
      acme.revoke(Acme.BO);
      quiet(watches);
      assertEquals(List.of("ALLOW", "NO_GRANT", "NO_GRANT"), both.all());
      assertEquals("", both.last().deniedLink());
    }
  }

  /** Hazard 12. */
  @Test
  void organization_restricted_isToldAtOnce() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      acme.share(Acme.BO);
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      acme.bed.publication().restrict(acme.head().org(), "a test");
      quiet(watches);
      assertEquals(List.of("ALLOW", "RESTRICTED"), bo.all());
    }
  }

  @Test
  void organization_thatComesToBe_isTold() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      Watched bo = Watched.of(watches, Acme.gets(Acme.BO, ResourceName.ofOrganization("beta")));
      acme.register("beta", Acme.BO);
      quiet(watches);
      assertEquals("UNKNOWN_RESOURCE", bo.all().get(0));
      assertEquals(Optional.of("ALLOW"), bo.says());
    }
  }

  /** Hazard 18: what a token claims ends with it. */
  @Test
  void claims_endWithTheirToken() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      acme.put(RISK);
      acme.share(RISK);
      long end = HandClock.BEGIN_MICROS + SECOND;
      Claims claims = new Claims(Acme.BO.toString(), Set.of("acme"), List.of(RISK), end);
      Watched bo = Watched.of(watches, with(Request.EMPTY.with(claims)));
      acme.wall.set(end - 1);
      watches.tick();
      quiet(watches);
      assertEquals(List.of("ALLOW"), bo.all());
      acme.wall.set(end);
      watches.tick();
      quiet(watches);
      assertEquals(List.of("ALLOW", "NO_GRANT"), bo.all());
      assertEquals(Micros.NEVER, bo.last().validUntilMicros());
    }
  }

  @Test
  void claims_whoseGroupLosesWhatItHad_areTold() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      long end = HandClock.BEGIN_MICROS + SECOND;
      Claims claims = new Claims(Acme.BO.toString(), Set.of("acme"), List.of(RISK), end);
      Watched bo = Watched.of(watches, with(Request.EMPTY.with(claims)));
      acme.put(RISK);
      acme.share(RISK);
      quiet(watches);
      assertEquals(Optional.of("ALLOW"), bo.says());
      acme.revoke(RISK);
      quiet(watches);
      assertEquals(Optional.of("NO_GRANT"), bo.says());
    }
  }

  @Test
  void group_withNewOrLostMembers_isTold() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      acme.put(RISK);
      acme.share(RISK);
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      for (boolean add : List.of(true, false)) {
        acme.commit(
            new Command.UpdateMemberships(List.of(new MembershipChange(add, RISK, Acme.BO))));
        quiet(watches);
      }
      assertEquals(List.of("NO_GRANT", "ALLOW", "NO_GRANT"), bo.all());
    }
  }

  /** A publication costs the watches that it concerns, and no others. */
  @Test
  void change_ofSomethingElse_evaluatesNothing() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      acme.share(Acme.BO);
      for (int i = 0; i < 900; i++) {
        PrincipalName user = PrincipalName.parse("user:w" + i + "@acme.com");
        Watched.begin(watches, Acme.gets(user, Acme.PROD));
      }
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      Acme.until("all answers", () -> acme.bed.counts().misses.sum() >= 901);
      quiet(watches);
      long evaluated = acme.bed.counts().watched.sum();
      for (int i = 0; i < 50; i++) {
        PrincipalName user = PrincipalName.parse("user:x" + i + "@acme.com");
        acme.put(user);
        acme.commit(Acme.grants(Acme.PROD, Acme.set(user, "viewer")));
      }
      quiet(watches);
      long more = acme.bed.counts().watched.sum() - evaluated;
      assertTrue(more < 10, more + " evaluations (a stripe may be shared now and then)");
      assertEquals(List.of("ALLOW"), bo.all());
    }
  }

  @Test
  void questions_tooLargeTogether_areRefused() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      int half = 16 << 20;
      Runnable large = watches.watch(Acme.BO_GETS, "large", half, bo);
      RefusedException refused =
          assertThrows(
              RefusedException.class, () -> watches.watch(Acme.BO_GETS, "large", half, bo));
      assertEquals(Fault.OVERLOADED, refused.refusal().fault());
      assertEquals("accesses", refused.refusal().metadata().get("queue"));
      large.run();
      large.run();
      watches.watch(Acme.BO_GETS, "large", half, bo).run();
      assertEquals(1, watches.open());
    }
  }

  /** However much changes while an evaluation is held up, one more follows it. */
  @Test
  void changes_manyWhileOneIsLookedAt_areLookedAtTogether() {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, new Stamps())) {
      AccessWatches watches = acme.bed.watches();
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      Held held = new Held(replica);
      acme.share(Acme.BO);
      held.awaitOne();
      for (int i = 0; i < 20; i++) {
        acme.revoke(Acme.BO);
        acme.share(Acme.BO);
      }
      acme.revoke(Acme.BO);
      held.release();
      quiet(watches);
      assertEquals(List.of("NO_GRANT"), bo.all(), "an old allow was told");
      assertEquals(2, acme.bed.counts().watched.sum());
    }
  }

  /** A change that nobody can look at must not leave an allow behind. */
  @Test
  void change_thatCannotBeLookedAt_isALoss() {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, new Stamps())) {
      AtomicLong nanos = new AtomicLong();
      acme.share(Acme.BO);
      AccessWatches watches =
          acme.bed.watches(acme.bed.publication(), acme.bed.stamps(), nanos::get);
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      Held held = new Held(replica);
      acme.revoke(Acme.BO);
      held.awaitOne();
      nanos.addAndGet(2_000_000_000L);
      watches.tick();
      assertEquals(Optional.of("ALLOW"), bo.says(), "too early");
      nanos.addAndGet(1);
      watches.tick();
      assertEquals(Optional.of("lost OVERLOADED"), bo.says());
      assertEquals(0, watches.open());
      held.release();
    }
  }

  /** What nobody will look at any more must not leave an allow behind either. */
  @Test
  void change_whenNothingIsEvaluatedAnyMore_isALoss() {
    try (Acme acme = new Acme()) {
      AccessWatches watches = acme.bed.watches();
      long end = HandClock.BEGIN_MICROS + 10 * SECOND;
      acme.commit(Acme.grants(Acme.ROOT, during(Acme.BO, 0, end, "")));
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      quiet(watches);
      watches.close();
      acme.wall.set(end);
      watches.tick();
      assertEquals(Optional.of("lost OVERLOADED"), bo.says());
    }
  }

  /** Hazard 4: an evaluation that fails is a loss, and never leaves an allow behind. */
  @Test
  void evaluation_thatFails_isALoss() {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, new Stamps())) {
      AccessWatches watches = acme.bed.watches();
      acme.share(Acme.BO);
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      replica.onRead(
          () -> {
            if (Thread.currentThread().getName().startsWith("modelgate-watch-")) {
              throw new CorruptionException("a bit has flipped");
            }
          });
      acme.revoke(Acme.BO);
      quiet(watches);
      assertEquals(Optional.of("lost STORE_DAMAGED"), bo.says());
    }
  }

  /** Whoever hears of no publication learns of nothing: what the tests above stand on. */
  @Test
  void change_whenPublicationsAreNotHeard_isMissed() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      AccessWatches watches =
          acme.bed.watches(
              new DeafPublication(acme.bed.publication()), acme.bed.stamps(), System::nanoTime);
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      acme.revoke(Acme.BO);
      quiet(watches);
      assertEquals(List.of("ALLOW"), bo.all(), "the control hears of it by other means");
    }
  }

  static void quiet(AccessWatches watches) {
    Acme.until("all that changed was looked at", () -> watches.waiting() == 0);
  }

  private static void suspend(Acme acme, boolean suspend) {
    assertEquals(
        Optional.empty(),
        acme.bed.commit("system", new Command.SuspendOrganization("acme", suspend)));
  }

  private static Question with(Request request) {
    return new Question(
        Acme.BO.toString(), Acme.ROOT.toString(), "get", List.of(), Consistency.CURRENT, request);
  }

  private static GrantChange during(
      PrincipalName who, long fromMicros, long untilMicros, String condition) {
    return new GrantChange(
        GrantChange.Mode.SET,
        who,
        "viewer",
        List.of(),
        false,
        false,
        fromMicros,
        untilMicros,
        "",
        condition);
  }

  /** Finds everything unchanged. */
  private static final class BlindStamps extends Stamps {
    @Override
    public boolean unchangedSince(int[] dependencies, long sequence) {
      return true;
    }
  }

  /** Holds up every read of a watch's evaluation until it is released. */
  private static final class Held {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    Held(MidwayReplica replica) {
      replica.onRead(
          () -> {
            if (Thread.currentThread().getName().startsWith("modelgate-watch-")) {
              reached.countDown();
              await(released);
            }
          });
    }

    void awaitOne() {
      await(reached);
    }

    void release() {
      released.countDown();
    }

    private static void await(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
