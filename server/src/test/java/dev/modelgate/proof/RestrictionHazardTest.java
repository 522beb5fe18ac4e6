package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Acceptance;
import dev.modelgate.store.ApplyResult;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Changes;
import dev.modelgate.store.Digest;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Position;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.Replica;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hazards 12, 28 and 41: what cannot be read or followed safely is not served, and says so. */
final class RestrictionHazardTest {
  private static final Command SUSPEND_BO = new Command.SuspendPrincipal(Acme.BO, true);

  /** Hazards 12 and 41. */
  @Test
  void gap_inTheLog_restrictsTheOrganizationAndEndsItsAllows() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      deliver(acme, Acceptance.GAP);
      assertEquals("RESTRICTED", acme.ask(Acme.BO_GETS).reason());
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
    try (Acme acme = new Acme(careless, new Stamps())) {
      acme.share(Acme.BO);
      deliver(acme, Acceptance.GAP);
      assertTrue(acme.ask(Acme.BO_GETS).allowed(), "the control finds the gap by other means");
    }
  }

  /** Hazards 12 and 28: what cannot be followed ends its organization's service, and no other's. */
  @ParameterizedTest
  @EnumSource(names = {"GAP", "DIVERGED", "UNDECODABLE"})
  void record_thatCannotBeFollowed_restrictsItsOrganizationAlone(Acceptance why) {
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      acme.register("beta", Acme.BO);
      var ofBeta = Acme.gets(Acme.BO, ResourceName.ofOrganization("beta"));
      assertTrue(acme.ask(ofBeta).allowed());
      OrgHead before = acme.head();
      deliver(acme, why);
      assertEquals("RESTRICTED", acme.ask(Acme.BO_GETS).reason());
      acme.assertRefused(Fault.ORGANIZATION_RESTRICTED, SUSPEND_BO);
      assertEquals(before, acme.head());
      assertTrue(acme.ask(ofBeta).allowed());
      assertEquals(Optional.empty(), acme.bed.commit("beta", SUSPEND_BO));
      assertEquals("SUSPENDED", acme.ask(ofBeta).reason());
    }
  }

  /** Hazards 12 and 28: a row of another version, wherever it is found, ends the service. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void row_thatCannotBeDecoded_restrictsItsOrganizationAlone(boolean foundByAChange) {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    try (Acme acme = new Acme(replica, new Stamps())) {
      acme.share(Acme.BO);
      acme.register("beta", Acme.BO);
      var ofBeta = Acme.gets(Acme.BO, ResourceName.ofOrganization("beta"));
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      replica.onRead(
          () -> {
            replica.onRead(() -> {});
            throw new UndecodableException("unknown row format 9");
          });
      if (foundByAChange) {
        acme.assertRefused(Fault.ORGANIZATION_RESTRICTED, SUSPEND_BO);
      } else {
        assertEquals("RESTRICTED", acme.ask(Acme.gets(Acme.ANA, Acme.ROOT)).reason());
      }
      assertEquals("RESTRICTED", acme.ask(Acme.BO_GETS).reason());
      acme.assertRefused(Fault.ORGANIZATION_RESTRICTED, SUSPEND_BO);
      assertTrue(acme.ask(ofBeta).allowed());
    }
  }

  /** Hazard 12: what is not known of suspended organizations any more does not free them. */
  @ParameterizedTest
  @EnumSource(names = {"GAP", "DIVERGED", "UNDECODABLE"})
  void systemLog_thatCannotBeFollowed_leavesSuspendedOrganizationsSuspended(Acceptance why) {
    CommitFailures failures = new CommitFailures();
    Replica replica = new MemoryReplica(LineageId.random(), Rows::check, failures);
    try (Acme acme = new Acme(replica, new Stamps())) {
      acme.share(Acme.BO);
      assertTrue(acme.ask(Acme.BO_GETS).allowed());
      assertEquals(
          Optional.empty(),
          acme.bed.commit("system", new Command.SuspendOrganization("acme", true)));
      assertEquals("SUSPENDED", acme.ask(Acme.BO_GETS).reason());
      deliver(acme, acme.bed.head("system"), why);
      assertEquals("SUSPENDED", acme.ask(Acme.BO_GETS).reason());
      acme.assertRefused(Fault.NOT_PERMITTED, Acme.OWNER, SUSPEND_BO);
      failures.before = true;
      acme.assertRefused(Fault.OUTCOME_UNKNOWN, SUSPEND_BO);
      acme.bed.awaitRecovery();
      assertEquals("SUSPENDED", acme.ask(Acme.BO_GETS).reason());
    }
  }

  /** Hands over a change set that is not to be accepted, for that reason. */
  private static void deliver(Acme acme, Acceptance why) {
    deliver(acme, acme.head(), why);
  }

  private static void deliver(Acme acme, OrgHead head, Acceptance why) {
    ChangeSet next =
        switch (why) {
          // It stands on one that never came.
          case GAP -> Changes.next(Changes.after(head, Changes.next(head)));
          case DIVERGED ->
              Changes.next(new OrgHead(head.org(), head.version(), Digest.ZERO, head.at()));
          default -> Changes.next(head);
        };
    byte[] stored = LogRecord.of(next).stored();
    if (why == Acceptance.UNDECODABLE) {
      stored[0]++;
    }
    LogRecord record = new LogRecord(head.org(), stored);
    acme.bed.deliver(List.of(new Positioned(new Position(1_000_000), record)));
  }
}
