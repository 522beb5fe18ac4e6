package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.row.Rows;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Hazard 9: the recheck finds what is wrong, and nothing else. */
final class RecheckHazardTest {
  /** A wrong hit is found, and the organization's cache is off from then on. */
  @Test
  void recheck_ofAWrongHit_alarmsAndSwitchesTheCacheOff() {
    try (Acme acme = new Acme(new MemoryReplica(Rows::check), new UnraisedStamps(), 1)) {
      acme.share(Acme.BO);
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      acme.revoke(Acme.BO);
      assertTrue(acme.ask(Acme.BO_GETS).allowed(), "nothing invalidates here: the hit is wrong");
      Acme.until("the recheck switches the cache off", () -> !acme.ask(Acme.BO_GETS).allowed());
      assertTrue(acme.bed.counts().mismatches.sum() > 0, "the mismatch is not counted");
    }
  }

  /** Whoever was told a wrong hit is told the right answer, though nothing changes any more. */
  @Test
  void recheck_ofAWrongHit_hasWatchedAccessesEvaluatedAgain() {
    try (Acme acme = new Acme(new MemoryReplica(Rows::check), new UnraisedStamps(), 1)) {
      acme.share(Acme.BO);
      AccessWatches watches = acme.bed.watches();
      Watched bo = Watched.of(watches, Acme.BO_GETS);
      acme.revoke(Acme.BO);
      // The hit that the watch is evaluated from is rechecked itself.
      Acme.until("the denial is told", () -> bo.says().equals(Optional.of("NO_GRANT")));
      assertEquals(List.of("ALLOW", "NO_GRANT"), bo.all());
    }
  }

  /** A hit that a change overtakes is not compared with what came after it. */
  @Test
  void recheck_ofAHitThatAChangeOvertakes_doesNotCryWolf() {
    HookedStamps stamps = new HookedStamps();
    Acme acme = new Acme(new MemoryReplica(Rows::check), stamps, 1);
    try {
      acme.share(Acme.BO);
      acme.ask(Acme.BO_GETS);
      stamps.afterTheNextValidation(() -> acme.revoke(Acme.BO));
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
    } finally {
      acme.close(); // Waits for rechecks under way.
    }
    assertEquals(0, acme.bed.counts().mismatches.sum());
  }

  /** A recheck goes by the state and the time of its hit, however late it comes. */
  @Test
  void recheck_thatComesLate_doesNotCryWolf() {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    Acme acme = new Acme(replica, new Stamps(), 1);
    try {
      long end = acme.bed.nowMicros() + 1_000_000;
      acme.commit(
          Acme.grants(Acme.ROOT, Acme.change(GrantChange.Mode.SET, Acme.BO, "viewer", false, end)));
      acme.ask(Acme.BO_GETS);
      AtomicBoolean late = new AtomicBoolean();
      replica.onRead(
          () -> {
            if (!late.getAndSet(true)) {
              acme.revoke(Acme.BO);
              acme.wall.set(end);
              acme.bed.nowMicros();
            }
          });
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      Acme.until("the hit is rechecked", late::get);
    } finally {
      acme.close();
    }
    assertEquals(0, acme.bed.counts().mismatches.sum());
  }

  /** Switches off the rule that makes hits right. */
  private static final class UnraisedStamps extends Stamps {
    @Override
    public void raise(int stripe, long sequence) {
      // Nothing is invalidated.
    }
  }
}
