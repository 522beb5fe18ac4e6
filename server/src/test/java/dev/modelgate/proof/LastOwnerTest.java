package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Etag;
import dev.modelgate.app.sharing.Policy;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Two administrators fight over the last owner of a resource: in each round four threads submit at
 * once that one removes the other, leaves, lowers the other or himself, hands over, takes over, or
 * sets a policy without owners. Whatever was accepted in whichever order, an owner is left for whom
 * neither a time nor a condition ends it.
 *
 * <p>{@code -Dmodelgate.owner.rounds=} sets the number of rounds of each profile.
 */
final class LastOwnerTest {
  private static final int ROUNDS = Integer.getInteger("modelgate.owner.rounds", 1_000);
  private static final int THREADS = 4;
  private static final long PATIENCE_SECONDS = 60;
  private static final PrincipalName ANA = PrincipalName.parse("user:ana@acme.com");
  private static final PrincipalName BO = PrincipalName.parse("user:bo@acme.com");

  /** A profile, and what in it is fought over. */
  private record Arena(String profile, List<String> path, String type, String owner, String low) {}

  private static final Arena MODELGATE =
      new Arena(
          "modelgate", List.of("environments/e", "environments/e/models/m"), "", "owner", "viewer");
  private static final Arena DATAROBOT =
      new Arena("datarobot", List.of("deployments/d"), "", "owner", "consumer");
  private static final Arena AI_BUILDER =
      new Arena(
          "ai-builder",
          List.of("environments/e", "environments/e/models/m"),
          "document_processing",
          "owner",
          "user");
  private static final Arena GOOGLE =
      new Arena(
          "google-ai-platform",
          List.of("projects/p", "projects/p/models/m"),
          "",
          "ml.modelOwner",
          "ml.modelUser");

  @Test
  void administratorsFighting_whereOneOwnerMustStay_leaveOne() throws Exception {
    fight(MODELGATE, 0);
  }

  @Test
  void administratorsFighting_overAnAssetOfDataRobot_leaveAnOwner() throws Exception {
    fight(DATAROBOT, 0);
  }

  @Test
  void administratorsFighting_whereThereIsOneOwner_leaveExactlyOne() throws Exception {
    fight(AI_BUILDER, 0);
  }

  /** The negative control: the same fight where a profile lets the last owner go. */
  @Test
  void administratorsFighting_whereAnyOwnerMayGo_leaveNoneSometimes() throws Exception {
    fight(GOOGLE, 1);
  }

  /** Fights; at least so many rounds must end without an owner, and 0 means none may. */
  private static void fight(Arena arena, int orphanedAtLeast) throws Exception {
    Map<Fault, Integer> refused = new EnumMap<>(Fault.class);
    int accepted = 0;
    int orphaned = 0;
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Fight fight = new Fight(arena)) {
      for (int round = 0; round < ROUNDS; round++) {
        fight.begin();
        CyclicBarrier together = new CyclicBarrier(THREADS);
        List<Callable<Optional<Refusal>>> moves = new ArrayList<>();
        List<String> told = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          Requester requester = fight.requester();
          Command command = fight.move(i % 2 == 0 ? ANA : BO, i % 2 == 0 ? BO : ANA);
          told.add(requester.actor() + " " + command);
          moves.add(
              () -> {
                together.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                return fight.bed.commit("acme", requester, command);
              });
        }
        for (Future<Optional<Refusal>> outcome : threads.invokeAll(moves)) {
          Optional<Refusal> refusal = outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
          accepted += refusal.isEmpty() ? 1 : 0;
          refusal.ifPresent(it -> refused.merge(it.fault(), 1, Integer::sum));
        }
        int owners = fight.owners();
        orphaned += owners == 0 ? 1 : 0;
        int number = round;
        assertTrue(
            owners > 0 || orphanedAtLeast > 0,
            () -> arena.profile() + ", round " + number + ": nobody owns it after " + told);
        assertTrue(
            owners < 2 || !arena.equals(AI_BUILDER),
            () -> "round " + number + ": two owners after " + told);
      }
    } finally {
      threads.shutdownNow();
    }
    System.out.printf(
        "last owner, %s: %d rounds, %d accepted, %d orphaned, refused %s%n",
        arena.profile(), ROUNDS, accepted, orphaned, refused);
    assertTrue(orphaned >= orphanedAtLeast, "the fight is too tame to prove anything");
    assertTrue(accepted > ROUNDS / 2, "too little is accepted");
    if (orphanedAtLeast == 0) {
      assertTrue(refused.getOrDefault(Fault.LAST_OWNER, 0) > ROUNDS / 10, refused::toString);
    }
  }

  /** One resource that two own, or one where there is only one owner. */
  private static final class Fight implements AutoCloseable {
    private final Arena arena;
    private final MemoryReplica replica = new MemoryReplica(Rows::check);
    private final Bed bed = new Bed(replica, new Stamps(), new HandClock(), 0);
    private final Random random = new Random(1);
    private final ResourceName resource;
    private final Profile profile;

    Fight(Arena arena) {
      this.arena = arena;
      this.resource =
          ResourceName.parse("organizations/acme/" + arena.path().get(arena.path().size() - 1));
      ProfileDocument document = BuiltInProfiles.find(arena.profile()).orElseThrow();
      this.profile = document.compile(document.extended(Vocabulary.EMPTY));
      require("system", new Command.RegisterOrganization("acme"));
      require(
          "acme",
          new Command.InitializeOrganization("acme", "", arena.profile(), Optional.empty()));
      for (PrincipalName name : List.of(ANA, BO)) {
        require(
            "acme",
            new Command.PutPrincipal(name, Optional.empty(), Optional.empty(), "", "", false));
      }
      for (String path : arena.path()) {
        boolean last = path.equals(resource.relativePath());
        require(
            "acme",
            new Command.CreateResource(
                ResourceName.parse("organizations/acme/" + path),
                new ResourceRow.Attributes(
                    "", Map.of(), last ? arena.type() : "", UnitName.ROOT, Set.of()),
                Optional.of(ANA)));
      }
    }

    /** Both own it, where there can be two. */
    void begin() {
      for (PrincipalName name : List.of(ANA, BO)) {
        if (!arena.equals(AI_BUILDER)) {
          require("acme", grants(change(GrantChange.Mode.SET, name, arena.owner())));
        }
      }
    }

    /** One of the two, or somebody without limits. */
    Requester requester() {
      int dice = random.nextInt(4);
      return dice < 2 ? Requester.SYSTEM_ADMINISTRATOR : Requester.onBehalfOf(dice == 2 ? ANA : BO);
    }

    Command move(PrincipalName one, PrincipalName other) {
      return switch (random.nextInt(7)) {
        case 0 -> grants(change(GrantChange.Mode.REMOVE, other, ""));
        case 1 -> grants(change(GrantChange.Mode.REMOVE, one, ""));
        case 2 -> grants(change(GrantChange.Mode.SET, other, arena.low()));
        case 3 -> grants(change(GrantChange.Mode.SET, one, arena.low()));
        case 4 -> new Command.TransferOwnership(resource, one, Optional.of(other), arena.low());
        case 5 -> new Command.TransferOwnership(resource, other, Optional.of(one), "");
        default ->
            new Command.SetPolicy(
                resource,
                List.of(
                    new Policy.Entry(
                        change(GrantChange.Mode.MERGE, one, arena.low()), Optional.empty())),
                Policy.Form.COMPLETE,
                rows(rows -> Etag.ofGrants(rows, row(rows).uid())));
      };
    }

    /** How many own it whom no time and no condition ends. */
    int owners() {
      return rows(
          rows -> {
            int[] owners = {0};
            rows.eachGrantOf(
                row(rows).uid(),
                held -> {
                  boolean isThere =
                      rows.principalName(held.principal())
                          .filter(name -> !name.isDeleted())
                          .isPresent();
                  boolean owns = held.grants().stream().anyMatch(this::owns);
                  owners[0] += isThere && owns ? 1 : 0;
                  return true;
                });
            return owners[0];
          });
    }

    private boolean owns(Grant grant) {
      return grant.notBeforeMicros() == 0
          && grant.expiresAtMicros() == Micros.NEVER
          && grant.condition().isEmpty()
          && profile.role(grant.role()).filter(Role::owner).isPresent();
    }

    private ResourceRow row(OrgRows rows) {
      return rows.resource(resource.relativePath()).orElseThrow();
    }

    private <T> T rows(Function<OrgRows, T> reader) {
      StoreSnapshot snapshot = replica.snapshot();
      try {
        return reader.apply(new OrgRows(snapshot.view(bed.head("acme").org())));
      } finally {
        snapshot.release();
      }
    }

    private Command grants(GrantChange change) {
      return new Command.UpdateGrants(resource, List.of(change), "");
    }

    private static GrantChange change(GrantChange.Mode mode, PrincipalName name, String role) {
      return new GrantChange(mode, name, role, List.of(), false, false, 0, Micros.NEVER, "");
    }

    private void require(String organization, Command command) {
      assertEquals(Optional.empty(), bed.commit(organization, command), command::toString);
    }

    @Override
    public void close() {
      bed.close();
    }
  }
}
