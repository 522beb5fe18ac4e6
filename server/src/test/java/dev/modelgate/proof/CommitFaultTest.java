package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.AppendLimits;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.row.Rows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A change that is acknowledged is there, also when the log failed or was full around it. */
final class CommitFaultTest {
  private static final PrincipalName ANA = PrincipalName.parse("user:ana@acme.com");
  private static final PrincipalName BO = PrincipalName.parse("user:bo@acme.com");

  private final HandClock wall = new HandClock();

  @Test
  void commit_staledByARecoveryMidway_isNotAcknowledged() {
    AtomicBoolean fails = new AtomicBoolean();
    MemoryReplica.Faults faults =
        new MemoryReplica.Faults() {
          @Override
          public void afterWrite(List<Positioned> batch) {
            if (fails.getAndSet(false)) {
              throw new StoreException("the sync failed, yet the batch is there");
            }
          }
        };
    try (Bed bed = bed(faults, AppendLimits.DEFAULT)) {
      fails.set(true);
      Optional<Refusal> unknown = bed.commit("acme", new Command.SuspendPrincipal(ANA, true));
      assertEquals(Fault.OUTCOME_UNKNOWN, unknown.orElseThrow().fault());
      wall.onRead(bed::awaitRecovery); // After the state was read, before the append.
      Optional<Refusal> refused = bed.commit("acme", new Command.SuspendPrincipal(BO, true));
      wall.onRead(() -> {});
      assertEquals("SUSPENDED", reason(bed, ANA));
      assertEquals(refused.isEmpty() ? "SUSPENDED" : "", reason(bed, BO));
      assertTrue(bed.commit("acme", new Command.SuspendPrincipal(BO, true)).isEmpty());
      assertEquals("SUSPENDED", reason(bed, BO));
    }
  }

  @Test
  void commit_afterARefusalByAFullLog_isThereWhenAcknowledged() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicBoolean blocks = new AtomicBoolean();
    MemoryReplica.Faults faults =
        new MemoryReplica.Faults() {
          @Override
          public void beforeWrite(List<Positioned> batch) {
            if (blocks.getAndSet(false)) {
              begun.countDown();
              await(release);
            }
          }
        };
    AppendLimits limits = new AppendLimits(100, 40_000, 100, 40_000);
    try (Bed bed = bed(faults, limits)) {
      blocks.set(true);
      CompletableFuture<Outcome> first =
          bed.submit("acme", new Command.SuspendPrincipal(ANA, true)).toCompletableFuture();
      assertTrue(begun.await(10, TimeUnit.SECONDS));
      Command large =
          new Command.CreateResource(
              ResourceName.parse("organizations/acme/models/large"),
              "x".repeat(50_000),
              Map.of(),
              Optional.empty());
      assertEquals(Fault.STORE_UNAVAILABLE, bed.commit("acme", large).orElseThrow().fault());
      CompletableFuture<Outcome> second =
          bed.submit("acme", new Command.SuspendPrincipal(BO, true)).toCompletableFuture();
      release.countDown();
      first.join();
      second.join();
      assertEquals("SUSPENDED", reason(bed, ANA));
      assertEquals("SUSPENDED", reason(bed, BO));
    }
  }

  /** An organization in which Ana and Bo own everything. */
  private Bed bed(MemoryReplica.Faults faults, AppendLimits limits) {
    MemoryReplica replica = new MemoryReplica(LineageId.random(), Rows::check, faults);
    Bed bed = new Bed(replica, new Stamps(), wall, 0, limits);
    List<Command> begin =
        List.of(
            new Command.InitializeOrganization("acme", "", "modelgate", Optional.of(ANA)),
            new Command.UpdateGrants(
                ResourceName.ofOrganization("acme"),
                List.of(
                    new Command.GrantChange(
                        Command.GrantChange.Mode.SET,
                        BO,
                        "owner",
                        List.of(),
                        true,
                        true,
                        0,
                        Long.MAX_VALUE,
                        "")),
                ""));
    assertTrue(bed.commit("system", new Command.RegisterOrganization("acme")).isEmpty());
    begin.forEach(command -> assertEquals(Optional.empty(), bed.commit("acme", command)));
    assertEquals("", reason(bed, BO));
    return bed;
  }

  private static String reason(Bed bed, PrincipalName who) {
    return bed.ask(
            new Question(
                who.toString(), "organizations/acme", "get", List.of(), Consistency.CURRENT))
        .reason();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
