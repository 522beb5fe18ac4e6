package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.ImportItems;
import dev.modelgate.app.sharing.Command.ImportMembership;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.AppendLimits;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.Gate;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The hazards of the commit path: syncs held or failed, who goes first, at what time. */
final class CommitHazardTest {
  private static final Command SUSPEND_BO = new Command.SuspendPrincipal(Acme.BO, true);

  private final HeldWrites writes = new HeldWrites();
  private final MemoryReplica memory = new MemoryReplica(LineageId.random(), Rows::check, writes);

  /** Hazard 21: a recovery that finds a change ends the hits that it makes wrong. */
  @Test
  void hit_afterARecoveryThatFoundARevoke_isNotBelieved() {
    try (Acme acme = new Acme(memory, new Stamps())) {
      acme.share(Acme.BO);
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      writes.fails = true;
      acme.assertRefused(Fault.OUTCOME_UNKNOWN, Acme.grants(Acme.ROOT, Acme.remove(Acme.BO)));
      acme.bed.awaitRecovery();
      assertEquals("NO_GRANT", acme.ask(Acme.BO_GETS).reason());
    }
  }

  /** Hazard 21: nothing staged on what a failed sync voided is ever appended. */
  @Test
  void syncFailedWithoutATrace_leavesNothingStagedBehind() {
    try (Acme acme = new Acme(memory, new Stamps())) {
      long before = acme.head().version();
      writes.gate.hold();
      writes.failsBefore = true;
      CompletableFuture<Outcome> first = acme.submit(Acme.order("a", "a", ""), SUSPEND_BO);
      writes.gate.awaitArrival();
      CompletableFuture<Outcome> second =
          acme.submit(Acme.order("b", "b", ""), new Command.SuspendPrincipal(Acme.ANA, true));
      writes.gate.open();
      assertEquals(Fault.OUTCOME_UNKNOWN, Acme.refusal(first).fault());
      assertEquals(Fault.STORE_UNAVAILABLE, Acme.refusal(second).fault());
      acme.bed.awaitRecovery();
      assertEquals(before, acme.head().version());
      acme.commit(SUSPEND_BO);
      assertEquals(before + 1, acme.head().version());
      assertEquals("NO_GRANT", acme.ask(Acme.gets(Acme.ANA, Acme.ROOT)).reason());
    }
  }

  /** Hazard 22. */
  @Test
  void refusalOrNoOp_overAChangeNotYetDurable_waitsForIt() {
    try (Acme acme = new Acme(memory, new Stamps())) {
      writes.gate.hold();
      CompletableFuture<Outcome> change = acme.submit(Acme.order("a", "a", ""), SUSPEND_BO);
      writes.gate.awaitArrival();
      CompletableFuture<Outcome> noOp = acme.bed.submit("acme", SUSPEND_BO).toCompletableFuture();
      CompletableFuture<Outcome> refusal =
          acme.bed
              .submit("acme", new Command.DeletePrincipal(PrincipalName.parse("group:x"), ""))
              .toCompletableFuture();
      CompletableFuture<Outcome> tooLarge =
          acme.bed
              .submit(
                  "acme",
                  new Command.UpdateOrganization(
                      Optional.of("x".repeat(800_000)), Optional.empty(), ""))
              .toCompletableFuture();
      assertFalse(noOp.isDone(), "a no-op is answered over a change that may not last");
      assertFalse(refusal.isDone(), "a refusal is answered over a change that may not last");
      assertFalse(tooLarge.isDone(), "a refusal is answered over a change that may not last");
      writes.gate.open();
      assertEquals(Acme.await(change).revision(), Acme.await(noOp).revision());
      assertEquals(Fault.NOT_FOUND, Acme.refusal(refusal).fault());
      assertEquals(Fault.LIMIT_EXCEEDED, Acme.refusal(tooLarge).fault());
    }
  }

  /** Hazard 22: what was computed over a change that is gone is not answered. */
  @Test
  void noOp_overAChangeThatFailed_isNoSuccess() {
    try (Acme acme = new Acme(memory, new Stamps())) {
      writes.gate.hold();
      writes.failsBefore = true;
      CompletableFuture<Outcome> change = acme.submit(Acme.order("a", "a", ""), SUSPEND_BO);
      writes.gate.awaitArrival();
      CompletableFuture<Outcome> noOp = acme.bed.submit("acme", SUSPEND_BO).toCompletableFuture();
      writes.gate.open();
      Acme.refusal(change);
      assertEquals(Fault.STORE_UNAVAILABLE, Acme.refusal(noOp).fault());
    }
  }

  /** Hazard 23: a suspension overtakes the imports that wait, not only those that come later. */
  @Test
  void suspension_behindAnImportThatWaits_goesFirst() throws InterruptedException {
    PrincipalName risk = PrincipalName.parse("group:risk");
    try (Acme acme = new Acme()) {
      acme.put(risk);
      Gate inside = new Gate();
      inside.hold();
      acme.atTheNextReadOfTheClock(inside::pass);
      Thread first = thread(() -> acme.share(Acme.ANA));
      inside.awaitArrival();
      CompletableFuture<Outcome> imported = new CompletableFuture<>();
      Command items = new ImportItems(List.of(new ImportMembership(risk, Acme.BO)), 0);
      Thread importing =
          thread(() -> imported.complete(Acme.await(acme.submit(Acme.order("i", "i", ""), items))));
      CompletableFuture<Outcome> suspended = new CompletableFuture<>();
      Thread suspending =
          thread(
              () ->
                  suspended.complete(
                      Acme.await(acme.submit(Acme.order("s", "s", ""), SUSPEND_BO))));
      inside.open();
      for (Thread thread : List.of(first, importing, suspending)) {
        thread.join(TimeUnit.SECONDS.toMillis(20));
      }
      assertTrue(
          Acme.await(suspended).revision().version() < Acme.await(imported).revision().version(),
          "the import went first");
    }
  }

  /**
   * Hazard 23: whatever is queued of imports, a suspension waits for the write under way and one
   * more, and from then on every check sees it.
   */
  @Test
  void suspension_behindManyQueuedImports_isAcknowledgedAfterTwoWrites() {
    AppendLimits two = new AppendLimits(1_000, 64 << 20, 2, 4 << 20);
    HandClock wall = new HandClock();
    try (Bed bed = new Bed(memory, new Stamps(), wall, 0, two)) {
      List<CompletableFuture<Outcome>> imported = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        register(bed, "org" + i);
      }
      register(bed, "acme");
      assertTrue(bed.ask(Acme.gets(Acme.OWNER, Acme.ROOT)).allowed());
      writes.gate.hold();
      imported.add(importInto(bed, "org0"));
      writes.gate.awaitArrival();
      for (int i = 1; i < 40; i++) {
        imported.add(importInto(bed, "org" + i));
      }
      CompletableFuture<List<Boolean>> doneBefore =
          bed.submit("acme", new Command.SuspendPrincipal(Acme.OWNER, true))
              .toCompletableFuture()
              .thenApply(
                  outcome -> {
                    assertEquals("SUSPENDED", bed.ask(Acme.gets(Acme.OWNER, Acme.ROOT)).reason());
                    return imported.stream().map(CompletableFuture::isDone).toList();
                  });
      writes.gate.open();
      long before =
          doneBefore.orTimeout(20, TimeUnit.SECONDS).join().stream().filter(done -> done).count();
      assertEquals(1, before, "imports that went before the suspension");
      imported.forEach(Acme::await);
    }
  }

  private static void register(Bed bed, String id) {
    assertEquals(Optional.empty(), bed.commit("system", new Command.RegisterOrganization(id)));
    assertEquals(
        Optional.empty(),
        bed.commit(
            id, new Command.InitializeOrganization(id, "", "modelgate", Optional.of(Acme.OWNER))));
  }

  private static CompletableFuture<Outcome> importInto(Bed bed, String id) {
    Command.ImportItem item =
        new Command.ImportPrincipal(
            Acme.BO, Optional.empty(), Optional.empty(), "Bo", Optional.empty());
    return bed.submit(id, new ImportItems(List.of(item), 0)).toCompletableFuture();
  }

  /** Hazard 23: while one change is synced, the next ones are validated and gather in one group. */
  @Test
  void changes_whileOneIsSynced_gatherForOneWrite() {
    try (Acme acme = new Acme(memory, new Stamps())) {
      writes.gate.hold();
      CompletableFuture<Outcome> last = acme.submit(Acme.order("0", "c", ""), SUSPEND_BO);
      writes.gate.awaitArrival();
      for (int i = 1; i < 20; i++) {
        last =
            acme.submit(
                Acme.order(i + "", "c", ""), new Command.SuspendPrincipal(Acme.BO, i % 2 == 0));
      }
      int before = writes.batches.get();
      writes.gate.open();
      long version = Acme.await(last).revision().version();
      assertEquals(before + 1, writes.batches.get());
      for (long behind = 0; behind < 20; behind++) {
        assertTrue(memory.read(acme.head().org(), version - behind).isPresent());
      }
    }
  }

  /** Hazard 34: a credential that ended while the command waited changes nothing any more. */
  @Test
  void command_whoseCredentialEndsBeforeItIsStaged_isRefused() {
    try (Acme acme = new Acme()) {
      AtomicBoolean holds = new AtomicBoolean(true);
      Requester requester = Requester.SYSTEM_ADMINISTRATOR.standing(holds::get);
      Command revoke = new Command.SuspendPrincipal(Acme.ANA, true);
      assertEquals(Optional.empty(), acme.bed.commit("acme", requester, SUSPEND_BO));
      long before = acme.head().version();
      acme.atTheNextReadOfTheClock(() -> holds.set(false)); // Inside the lock.
      assertEquals(
          Optional.of(Fault.UNAUTHENTICATED),
          acme.bed.commit("acme", requester, revoke).map(Refusal::fault));
      assertEquals(before, acme.head().version());
    }
  }

  /** Hazard 24: time does not go back along a log, nor do grants that have ended come back. */
  @Test
  void command_whenTheWallClockIsBehindTheHead_isStampedLikeTheHead() {
    try (Acme acme = new Acme()) {
      acme.wall.set(acme.wall.micros() + 1_000_000);
      acme.share(Acme.ANA);
      long at = Micros.of(acme.head().at());
      HandClock behind = new HandClock();
      try (Bed again = new Bed(acme.replica, new Stamps(), behind, 0)) {
        assertEquals(Optional.empty(), again.commit("acme", SUSPEND_BO));
        assertEquals(at, Micros.of(again.head("acme").at()));
        byte[] stored =
            acme.replica
                .read(acme.head().org(), again.head("acme").version())
                .orElseThrow()
                .stored();
        assertEquals(at, Micros.of(ChangeSetCodec.decode(stored).at()));
        assertTrue(again.nowMicros() >= at, "checks are answered at an earlier time than changes");
      }
    }
  }

  /** A thread that was started and has come to where it waits. */
  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work);
    thread.start();
    Acme.until(
        "the thread waits",
        () ->
            thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING);
    return thread;
  }
}
