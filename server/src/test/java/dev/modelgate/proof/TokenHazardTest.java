package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Revision;
import dev.modelgate.store.row.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hazards 26 and 27: a token is believed in its own history only, up to where that has come. */
final class TokenHazardTest {
  private static final Command SUSPEND_BO = new Command.SuspendPrincipal(Acme.BO, true);

  /** A lost tail shows by a client that has seen more. */
  @Test
  void check_withATokenFromTheFuture_isUnavailable() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      assertTrue(acme.ask(atLeast(acme.token())).allowed());
      OrgHead head = acme.head();
      LineageId lineage = acme.replica.identity().lineage();
      String future =
          Revision.of(
                  lineage, new OrgHead(head.org(), head.version() + 1, head.digest(), head.at()))
              .token();
      for (int i = 0; i < 2; i++) { // A miss, then a hit.
        Fault fault = acme.refusal(atLeast(future)).fault();
        assertEquals(Fault.REVISION_FUTURE, fault);
        assertEquals(Fault.Category.UNAVAILABLE, fault.category());
        acme.ask(Acme.BO_GETS);
      }
    }
  }

  @Test
  void check_withATokenOfAnotherHistory_isRefused() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      acme.register("beta", Acme.BO);
      String otherLineage = Revision.of(LineageId.random(), acme.head()).token();
      String otherOrganization =
          Revision.of(acme.replica.identity().lineage(), acme.bed.head("beta")).token();
      for (String token : List.of(otherLineage, otherOrganization)) {
        Fault fault = acme.refusal(atLeast(token)).fault();
        assertEquals(Fault.REVISION_OTHER_LINEAGE, fault);
        assertEquals(Fault.Category.PRECONDITION, fault.category());
      }
      assertEquals(Fault.REVISION_INVALID, acme.refusal(atLeast("x")).fault());
    }
  }

  /** What is restored from a snapshot is another history, for checks and for retries. */
  @Test
  void token_ofBeforeARestore_isNotBelievedAfterIt() {
    try (Acme acme = new Acme()) {
      acme.share(Acme.BO);
      String before = acme.token();
      MemoryReplica restored = MemoryReplica.importing(Rows::check, acme.replica);
      try (Bed bed = new Bed(restored, new Stamps(), acme.wall, 0)) {
        assertTrue(bed.ask(Acme.BO_GETS).allowed());
        assertEquals(acme.head(), bed.head("acme"));
        assertEquals(Fault.REVISION_OTHER_LINEAGE, Acme.refusal(bed, atLeast(before)).fault());
        OrgHead head = bed.head("acme");
        var retry = bed.submit("acme", Acme.order("r", "c", before), SUSPEND_BO);
        assertEquals(
            Fault.REVISION_OTHER_LINEAGE, Acme.refusal(retry.toCompletableFuture()).fault());
        assertEquals(head, bed.head("acme"));
      }
    }
  }

  private static Question atLeast(String token) {
    return new Question(
        Acme.BO.toString(), Acme.ROOT.toString(), "get", List.of(), new Consistency(token));
  }
}
