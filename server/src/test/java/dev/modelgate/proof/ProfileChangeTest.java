package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.store.ApplyResult;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.Replica;
import dev.modelgate.store.row.Rows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What a changed profile does to answers, to what is stored, and to what is staged above it. */
final class ProfileChangeTest {
  private static final String ORG = "acme";
  private static final PrincipalName ANA = PrincipalName.parse("user:ana@acme.com");
  private static final PrincipalName BEN = PrincipalName.parse("user:ben@acme.com");
  private static final ResourceName PROD =
      ResourceName.parse("organizations/acme/environments/prod");
  private static final ResourceName FRAUD = ResourceName.parse(PROD + "/models/fraud");
  private static final String BUILT_IN =
      BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow().text();
  private static final String USER_RUNS = "model: &run [discover, get_use, predict]";

  @Test
  void answers_cachedUnderTheProfileBefore_endWithIt() {
    try (Bed bed = bed(new MemoryReplica(Rows::check))) {
      share(bed, BEN, "user", List.of());
      assertTrue(bed.ask(asks(BEN, "predict")).allowed());
      assertTrue(bed.ask(asks(BEN, "predict")).allowed());
      assertTrue(bed.counts().hits.sum() > 0, "the second answer is no hit");
      put(bed, edited(USER_RUNS, "model: &run [discover, get_use]"));
      assertEquals("ACCESS", bed.ask(asks(BEN, "predict")).reason());
      put(bed, BUILT_IN);
      assertTrue(bed.ask(asks(BEN, "predict")).allowed());
    }
  }

  /** Hazard 16: the order of a document gives no bit that is given already. */
  @Test
  void permissions_inAnotherOrder_keepTheMeaningOfStoredGrants() {
    try (Bed bed = bed(new MemoryReplica(Rows::check))) {
      share(bed, BEN, "", List.of("train"));
      put(
          bed,
          edited(
                  "permissions:\n  - discover ",
                  "permissions:\n  - inspect\n  - train\n  - discover ")
              .replace("  - train           # train or retrain it\n", "")
              .replace(
                  "publish, delete, transfer, grants.read, grants.write,\n       data.read, data.use",
                  "inspect, publish, delete, transfer, grants.read, grants.write,\n       data.read, data.use"));
      assertTrue(bed.ask(asks(BEN, "train")).allowed());
      for (String other : List.of("inspect", "discover", "get", "predict", "update", "publish")) {
        assertFalse(bed.ask(asks(BEN, other)).allowed(), other);
      }
      share(bed, ANA, "", List.of("inspect"));
      assertTrue(bed.ask(asks(ANA, "inspect")).allowed());
    }
  }

  /** Hazard 16: a bit is never given to another name, though nobody uses it any more. */
  @Test
  void permission_thatWasRemoved_keepsItsBitForItself() {
    try (Bed bed = bed(new MemoryReplica(Rows::check))) {
      String without =
          edited("  - schema.change   # change the tables behind it\n", "")
              .replace(", create, schema.change]", ", create]");
      put(bed, without);
      assertEquals(
          Fault.UNKNOWN_PERMISSION,
          shared(bed, BEN, "", List.of("schema.change")).orElseThrow().fault());
      put(
          bed,
          without
              .replace("  - create          #", "  - inspect\n  - create          #")
              .replace(
                  ", create]\n    data_permissions", ", inspect, create]\n    data_permissions"));
      share(bed, BEN, "", List.of("inspect"));
      put(bed, BUILT_IN.replace("  - create          #", "  - inspect\n  - create          #"));
      share(bed, ANA, "", List.of("schema.change"));
      assertTrue(bed.ask(asks(ANA, "schema.change")).allowed());
      assertFalse(bed.ask(asks(BEN, "schema.change")).allowed(), "a bit was given twice");
    }
  }

  /** Two commands in one group: the second is validated by the profile that the first has put. */
  @Test
  void command_behindAStagedProfile_isValidatedByIt() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch applying = new CountDownLatch(1);
    AtomicBoolean holds = new AtomicBoolean();
    Replica slow =
        new ForwardingReplica(new MemoryReplica(Rows::check)) {
          @Override
          public ApplyResult apply(List<Positioned> batch) {
            if (holds.get()) {
              applying.countDown();
              await(held);
            }
            return super.apply(batch);
          }
        };
    try (Bed bed = bed(slow)) {
      holds.set(true);
      CompletableFuture<Outcome> profile =
          bed.submit(
                  ORG,
                  document(
                      edited(
                          "  viewer:\n",
                          "  tester:\n    rank: 1\n    permissions:\n      \"*\": [get]\n  viewer:\n")))
              .toCompletableFuture();
      await(applying);
      CompletableFuture<Outcome> grant =
          bed.submit(ORG, grants(BEN, "tester", List.of())).toCompletableFuture();
      assertFalse(profile.isDone() || grant.isDone(), "nothing is durable yet");
      holds.set(false);
      held.countDown();
      profile.get(10, TimeUnit.SECONDS);
      grant.get(10, TimeUnit.SECONDS);
      assertTrue(bed.ask(asks(BEN, "get")).allowed());
    } finally {
      held.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS), "nothing came");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Bed bed(Replica replica) {
    Bed bed = new Bed(replica, new Stamps(), new HandClock(), 0);
    accepted(bed.commit("system", new Command.RegisterOrganization(ORG)));
    accepted(
        bed.commit(
            ORG,
            new Command.InitializeOrganization(
                ORG, "", BuiltInProfiles.DEFAULT, Optional.of(ANA))));
    accepted(bed.commit(ORG, new Command.CreateResource(PROD, "", Map.of(), Optional.empty())));
    accepted(bed.commit(ORG, new Command.CreateResource(FRAUD, "", Map.of(), Optional.empty())));
    return bed;
  }

  private static void put(Bed bed, String text) {
    accepted(bed.commit(ORG, document(text)));
  }

  private static Command document(String text) {
    return new Command.PutProfile(text, "", "");
  }

  private static void share(Bed bed, PrincipalName to, String role, List<String> permissions) {
    accepted(shared(bed, to, role, permissions));
  }

  private static Optional<Refusal> shared(
      Bed bed, PrincipalName to, String role, List<String> permissions) {
    return bed.commit(ORG, grants(to, role, permissions));
  }

  private static Command grants(PrincipalName to, String role, List<String> permissions) {
    return new Command.UpdateGrants(
        FRAUD,
        List.of(
            new Command.GrantChange(
                Command.GrantChange.Mode.MERGE,
                to,
                role,
                permissions,
                false,
                true,
                0,
                Micros.NEVER,
                "")),
        "");
  }

  private static Question asks(PrincipalName principal, String action) {
    return new Question(
        principal.toString(), FRAUD.toString(), action, List.of(), Consistency.CURRENT);
  }

  private static String edited(String from, String to) {
    assertTrue(BUILT_IN.contains(from), from);
    return BUILT_IN.replace(from, to);
  }

  private static void accepted(Optional<Refusal> refusal) {
    assertEquals(Optional.empty(), refusal);
  }
}
