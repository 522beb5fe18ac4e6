package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.row.Rows;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Hazard 20: a request that comes again, whatever is under way meanwhile, is one change. */
final class RepeatHazardTest {
  private static final Command SUSPEND_BO = new Command.SuspendPrincipal(Acme.BO, true);
  private static final long DAY_MICROS = TimeUnit.DAYS.toMicros(1);

  private final HeldWrites writes = new HeldWrites();
  private final MemoryReplica memory = new MemoryReplica(LineageId.random(), Rows::check, writes);

  @Test
  void requestId_repeatedWhileTheFirstIsBeingSynced_isOneChange() {
    try (Acme acme = new Acme(memory, new Stamps())) {
      long before = acme.head().version();
      writes.gate.hold();
      CompletableFuture<Outcome> first = acme.submit(Acme.order("r", "c", ""), SUSPEND_BO);
      writes.gate.awaitArrival();
      CompletableFuture<Outcome> second = acme.submit(Acme.order("r", "c", ""), SUSPEND_BO);
      CompletableFuture<Outcome> other = acme.submit(Acme.order("r", "d", ""), SUSPEND_BO);
      assertFalse(second.isDone());
      assertFalse(other.isDone());
      writes.gate.open();
      assertEquals(Acme.await(first).revision(), Acme.await(second).revision());
      assertEquals(Fault.REQUEST_ID_REUSED, Acme.refusal(other).fault());
      assertEquals(before + 1, acme.head().version());
    }
  }

  /** Also while both are being synced. */
  @Test
  void requestId_ofAnotherActor_isAnotherRequest() {
    try (Acme acme = new Acme(memory, new Stamps())) {
      long before = acme.head().version();
      writes.gate.hold();
      CompletableFuture<Outcome> first = acme.submit(ownersOrder(), SUSPEND_BO);
      writes.gate.awaitArrival();
      Command resume = new Command.SuspendPrincipal(Acme.BO, false);
      CompletableFuture<Outcome> second = acme.submit(Acme.order("r", "c", ""), resume);
      writes.gate.open();
      assertEquals(before + 1, Acme.await(first).revision().version());
      assertEquals(before + 2, Acme.await(second).revision().version());
      assertEquals("NO_GRANT", acme.ask(Acme.BO_GETS).reason());
      assertEquals(
          before + 2,
          Acme.await(acme.submit(Acme.order("r", "c", ""), resume)).revision().version());
    }
  }

  @Test
  void retry_whoseBaseHasLeftTheWindow_isExpiredAndNotExecuted() {
    try (Acme acme = new Acme()) {
      String base = acme.token();
      Acme.await(acme.submit(Acme.order("r", "c", ""), SUSPEND_BO));
      acme.commit(new Command.SuspendPrincipal(Acme.BO, false));
      acme.wall.set(acme.wall.micros() + DAY_MICROS - 1);
      acme.share(Acme.ANA);
      String known =
          Acme.await(acme.submit(Acme.order("r", "c", base), SUSPEND_BO)).revision().token();
      assertNotEquals(acme.token(), known);
      acme.wall.set(acme.wall.micros() + 2);
      acme.share(Acme.OWNER);
      CompletableFuture<Outcome> retry = acme.submit(Acme.order("r", "c", base), SUSPEND_BO);
      assertEquals(Fault.REQUEST_EXPIRED, Acme.refusal(retry).fault());
      assertEquals("NO_GRANT", acme.ask(Acme.BO_GETS).reason());
    }
  }

  /** Hazard 21, too: the caller is told what to retry with, and the retry finds the change. */
  @Test
  void syncFailed_isUnknownWithTheBase_andTheRetryIsOneChange() {
    try (Acme acme = new Acme(memory, new Stamps())) {
      String base = acme.token();
      long before = acme.head().version();
      writes.fails = true;
      Refusal unknown = Acme.refusal(acme.submit(Acme.order("r", "c", ""), SUSPEND_BO));
      assertEquals(Fault.OUTCOME_UNKNOWN, unknown.fault());
      assertEquals(Map.of("requestId", "r", "baseRevision", base), unknown.metadata());
      acme.bed.awaitRecovery();
      Outcome retry = Acme.await(acme.submit(Acme.order("r", "c", base), SUSPEND_BO));
      assertEquals(before + 1, retry.revision().version());
      assertEquals(before + 1, acme.head().version());
    }
  }

  /** Hazard 21, too: what was sent twice is unknown twice. */
  @Test
  void requestId_repeatedWhileTheFirstFailsToSync_isUnknownToo() {
    try (Acme acme = new Acme(memory, new Stamps())) {
      writes.gate.hold();
      writes.fails = true;
      CompletableFuture<Outcome> first = acme.submit(Acme.order("r", "c", ""), SUSPEND_BO);
      writes.gate.awaitArrival();
      CompletableFuture<Outcome> second = acme.submit(Acme.order("r", "c", ""), SUSPEND_BO);
      writes.gate.open();
      assertEquals(Fault.OUTCOME_UNKNOWN, Acme.refusal(first).fault());
      Refusal unknown = Acme.refusal(second);
      assertEquals(Fault.OUTCOME_UNKNOWN, unknown.fault());
      assertEquals(Acme.refusal(first).metadata(), unknown.metadata());
      acme.bed.awaitRecovery();
      assertEquals("SUSPENDED", acme.ask(Acme.BO_GETS).reason(), "the change is there");
    }
  }

  /** Hazard 21, too: a change that a recovery has found is not acknowledged before it shows. */
  @Test
  void requestId_repeatedInTheMiddleOfARecovery_isNotAcknowledgedYet() {
    AtomicReference<Runnable> onReopened = new AtomicReference<>(() -> {});
    var replica =
        new ForwardingReplica(memory) {
          @Override
          public void reopen() {
            super.reopen();
            onReopened.getAndSet(() -> {}).run();
          }
        };
    try (Acme acme = new Acme(replica, new Stamps())) {
      acme.share(Acme.BO);
      CompletableFuture<CompletableFuture<Outcome>> retried = new CompletableFuture<>();
      AtomicReference<String> seen = new AtomicReference<>("");
      onReopened.set(
          () -> {
            CompletableFuture<Outcome> retry = acme.submit(Acme.order("r", "c", ""), SUSPEND_BO);
            if (retry.isDone() && !retry.isCompletedExceptionally()) {
              seen.set("acknowledged, and a check answers " + acme.ask(Acme.BO_GETS).reason());
            }
            retried.complete(retry);
          });
      writes.fails = true;
      Acme.refusal(acme.submit(Acme.order("r", "c", ""), SUSPEND_BO));
      acme.bed.awaitRecovery();
      assertEquals("", seen.get());
      assertEquals(Fault.OUTCOME_UNKNOWN, Acme.refusal(retried.join()).fault());
      Acme.await(acme.submit(Acme.order("r", "c", ""), SUSPEND_BO));
      assertEquals("SUSPENDED", acme.ask(Acme.BO_GETS).reason());
    }
  }

  /** The same id and command as {@code Acme.order("r", "c", "")}, by somebody else. */
  private static Order ownersOrder() {
    Order system = Acme.order("r", "c", "");
    return new Order(
        Requester.onBehalfOf(Acme.OWNER),
        system.requestId(),
        system.commandDigest(),
        system.reason(),
        "");
  }
}
