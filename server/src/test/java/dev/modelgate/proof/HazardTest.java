package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Acceptance;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ApplyResult;
import dev.modelgate.store.Changes;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.Recent;
import dev.modelgate.store.Replica;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Single hazards with the interleaving that brings them about, each rule switched off once where a
 * seam allows it. The others are shown elsewhere:
 *
 * <table>
 * <caption>where each hazard is shown</caption>
 * <tr><td>1, 2, 3, 5, 21</td><td>{@link NegativeControlTest}, {@link MidwayTest}, {@link ConcurrentHistoryTest}</td></tr>
 * <tr><td>4, 26, 28</td><td>{@code DamageTest}, {@code ReplicaConformance}</td></tr>
 * <tr><td>6, 13, 16, 24</td><td>{@link RandomHistoryTest}: clock steps, names made again, kinds below, floors</td></tr>
 * <tr><td>8, 9, 12, 20, 41</td><td>here</td></tr>
 * <tr><td>10, 14</td><td>{@code SidecarTest}, {@code WireTest}, {@code AdminInputTest}</td></tr>
 * <tr><td>11, 23</td><td>{@code ArchitectureTest}, {@code ChangeLogConformance}</td></tr>
 * <tr><td>15, 17, 25, 27</td><td>{@code AdminTransferTest}, {@code OpeningTest}, {@code ReplicaConformance}</td></tr>
 * <tr><td>22</td><td>{@link CommitFaultTest}, {@code ChangeLogConformance}</td></tr>
 * </table>
 */
final class HazardTest {
  private static final PrincipalName ANA = PrincipalName.parse("user:ana@acme.com");
  private static final PrincipalName BO = PrincipalName.parse("user:bo@acme.com");
  private static final ResourceName ROOT = ResourceName.ofOrganization("acme");
  private static final Question BO_GETS = question(BO, List.of());

  private final HandClock wall = new HandClock();

  /** Hazard 20. */
  @Test
  void requestId_repeated_isOneChange() {
    try (Bed bed = bed(new MemoryReplica(Rows::check), new Stamps())) {
      assertEquals(suspend(bed), suspend(bed));
    }
  }

  /** Hazard 20, switched off. */
  @Test
  void requestId_whenRequestsAreForgotten_isTwoChanges() {
    Replica forgetful =
        new ForwardingReplica(new MemoryReplica(Rows::check)) {
          @Override
          public Optional<Recent> recent(Uid org, Actor actor, RequestId requestId) {
            return Optional.empty();
          }
        };
    try (Bed bed = bed(forgetful, new Stamps())) {
      assertNotEquals(suspend(bed), suspend(bed), "a forgotten request is not noticed");
    }
  }

  /** Hazards 12 and 41. */
  @Test
  void gap_inTheLog_restrictsTheOrganizationAndEndsItsAllows() {
    try (Bed bed = bed(new MemoryReplica(Rows::check), new Stamps())) {
      share(bed, BO);
      assertTrue(bed.ask(BO_GETS).allowed());
      assertTrue(bed.ask(BO_GETS).allowed());
      deliverWithAGap(bed);
      assertEquals("RESTRICTED", bed.ask(BO_GETS).reason());
    }
  }

  /** Hazard 41, switched off: a gap is taken for a copy, and nobody notices what is missing. */
  @Test
  void gap_takenForACopy_isNotNoticed() {
    Replica careless =
        new ForwardingReplica(new MemoryReplica(Rows::check)) {
          @Override
          public ApplyResult apply(List<Positioned> batch) {
            List<ApplyResult.Applied> outcomes = new ArrayList<>();
            for (ApplyResult.Applied outcome : super.apply(batch).outcomes()) {
              boolean gap = outcome.acceptance() == Acceptance.GAP;
              outcomes.add(
                  gap ? new ApplyResult.Applied(Acceptance.STALE, outcome.head()) : outcome);
            }
            return new ApplyResult(outcomes);
          }
        };
    try (Bed bed = bed(careless, new Stamps())) {
      share(bed, BO);
      deliverWithAGap(bed);
      assertTrue(bed.ask(BO_GETS).allowed(), "the control finds the gap by other means");
    }
  }

  /** Hazard 9: a wrong hit is found, and the organization's cache is off from then on. */
  @Test
  void recheck_ofAWrongHit_alarmsAndSwitchesTheCacheOff() {
    Stamps neverRaised =
        new Stamps() {
          @Override
          public void raise(int stripe, long sequence) {
            // The rule that is switched off, so that hits are wrong.
          }
        };
    try (Bed bed = bed(new MemoryReplica(Rows::check), neverRaised, 1)) {
      share(bed, BO);
      assertTrue(bed.ask(BO_GETS).allowed());
      revoke(bed, BO);
      assertTrue(bed.ask(BO_GETS).allowed(), "nothing invalidates here: the hit has to be wrong");
      long end = System.nanoTime() + 10_000_000_000L;
      while (bed.ask(BO_GETS).allowed() && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      assertFalse(bed.ask(BO_GETS).allowed(), "the recheck does not switch the cache off");
      assertTrue(bed.counts().mismatches.sum() > 0, "the mismatch is not counted");
    }
  }

  /**
   * Hazard 8: ana may at first, bo at the end, and never both; a chain of both is validated while
   * that changes between its two links.
   */
  @Test
  void chain_changedBetweenItsLinks_isNeverAllowed() {
    HookedStamps stamps = new HookedStamps();
    try (Bed bed = bed(new MemoryReplica(Rows::check), stamps)) {
      Question both = question(ANA, List.of(BO.toString()));
      for (int round = 0; round < 50; round++) {
        share(bed, ANA);
        bed.ask(question(ANA, List.of()));
        bed.ask(BO_GETS);
        assertFalse(bed.ask(both).allowed());
        stamps.onNextValidation =
            () -> {
              revoke(bed, ANA);
              share(bed, BO);
              bed.ask(BO_GETS);
            };
        Answer torn = bed.ask(both);
        assertFalse(torn.allowed(), "two links of two states");
        revoke(bed, BO);
      }
    }
  }

  /** Hazard 6. */
  @Test
  void clock_steppedBack_doesNotGoBack() {
    MonotoneClock clock = new MonotoneClock(wall);
    long begin = clock.nowMicros();
    wall.set(begin + 1_000);
    assertEquals(begin + 1_000, clock.nowMicros());
    wall.set(begin - 60_000_000);
    assertEquals(begin + 1_000, clock.nowMicros());
    clock.notBefore(begin + 5_000);
    assertEquals(begin + 5_000, clock.nowMicros());
    wall.set(begin + 6_000);
    assertEquals(begin + 6_000, clock.nowMicros());
  }

  /** Runs an action inside the next validation of a hit, after it has looked. */
  private static final class HookedStamps extends Stamps {
    private volatile Runnable onNextValidation = () -> {};

    @Override
    public boolean unchangedSince(int[] dependencies, long sequence) {
      boolean unchanged = super.unchangedSince(dependencies, sequence);
      Runnable action = onNextValidation;
      onNextValidation = () -> {};
      action.run();
      return unchanged;
    }
  }

  private Bed bed(Replica replica, Stamps stamps) {
    return bed(replica, stamps, 0);
  }

  private Bed bed(Replica replica, Stamps stamps, int recheckEvery) {
    Bed bed = new Bed(replica, stamps, wall, recheckEvery);
    assertEquals(Optional.empty(), bed.commit("system", new Command.RegisterOrganization("acme")));
    commit(bed, new Command.InitializeOrganization("acme", "", "modelgate", Optional.of(owner())));
    commit(
        bed,
        new Command.CreateResource(
            ResourceName.parse("organizations/acme/environments/prod"),
            "",
            Map.of(),
            Optional.empty()));
    share(bed, ANA);
    revoke(bed, ANA);
    share(bed, BO);
    revoke(bed, BO);
    return bed;
  }

  private static PrincipalName owner() {
    return PrincipalName.parse("user:owner@acme.com");
  }

  /** A change set of the organization that stands on one that never came. */
  private static void deliverWithAGap(Bed bed) {
    OrgHead head = bed.head("acme");
    OrgHead missing = Changes.after(head, Changes.next(head));
    bed.deliver(List.of(Changes.at(1_000_000, Changes.next(missing))));
  }

  private static String suspend(Bed bed) {
    Order order =
        new Order(
            Requester.SYSTEM_ADMINISTRATOR, new RequestId("r-1"), new byte[32], "incident", "");
    return bed.commit("acme", order, new Command.SuspendPrincipal(BO, true));
  }

  private static void share(Bed bed, PrincipalName with) {
    commit(bed, new Command.UpdateGrants(ROOT, List.of(change(GrantChange.Mode.SET, with)), ""));
  }

  private static void revoke(Bed bed, PrincipalName from) {
    commit(bed, new Command.UpdateGrants(ROOT, List.of(change(GrantChange.Mode.REMOVE, from)), ""));
  }

  private static void commit(Bed bed, Command command) {
    assertEquals(Optional.empty(), bed.commit("acme", command));
  }

  private static GrantChange change(GrantChange.Mode mode, PrincipalName principal) {
    String role = mode == GrantChange.Mode.REMOVE ? "" : "viewer";
    return new GrantChange(mode, principal, role, List.of(), false, false, 0, Micros.NEVER, "");
  }

  private static Question question(PrincipalName principal, List<String> chain) {
    return new Question(principal.toString(), ROOT.toString(), "get", chain, Consistency.CURRENT);
  }
}
