package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.LinkSecret;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.DenyRuleChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.sharing.TypeRightChange;
import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/**
 * Random search: two accomplices without administration write type rights, deny rules, links,
 * grants, policies, memberships, flags and settings as they like. Whatever is accepted, they, and
 * whoever gets something from them, may do no more than they could do, or could share, when they
 * began.
 */
final class WideningSearchTest {
  private static final int SEEDS = Integer.getInteger("modelgate.widening.seeds", 30);
  private static final int STEPS = 80;
  private static final String DATA = PROD + "/datasets/claims";
  private static final String TABLE = PROD + "/tables/results";
  private static final String APP = PROD + "/applications/report";
  private static final List<String> RESOURCES = List.of(ACME, PROD, FRAUD, DATA, TABLE, APP);
  private static final List<String> KINDS =
      List.of("organization", "environment", "model", "dataset", "dataset", "table", "table");
  private static final String STEVE = "user:steve@acme.com";
  private static final String EVE = "user:eve@acme.com";
  private static final String TEAM = "group:team";
  private static final List<String> ACTORS = List.of(STEVE, EVE);
  private static final List<String> TURNS = List.of(STEVE, STEVE, EVE);
  private static final List<String> TARGETS =
      List.of(STEVE, EVE, "user:mallory@acme.com", TEAM, "organization:acme");
  private static final List<String> WATCHED =
      List.of(STEVE, EVE, "user:mallory@acme.com", "link:l0", "link:l1");

  /** An administrator's, whose secret they learn only by rotating it. */
  private static final String FOREIGN_LINK = "link:foreign";

  private final Map<String, Integer> accepted = new TreeMap<>();

  @Test
  void accomplices_byAnySequenceOfCommands_neverWidenThemselves() {
    int refused = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      refused += search(seed);
    }
    System.out.println(
        "widening: " + SEEDS + " seeds, accepted " + accepted + ", refused " + refused);
    for (Class<?> type :
        List.of(
            Command.UpdateTypeRights.class,
            Command.PutExternalLink.class,
            Command.DeleteExternalLink.class,
            Command.UpdateGrants.class,
            Command.SetPolicy.class,
            Command.UpdateMemberships.class,
            Command.UpdateResource.class)) {
      assertTrue(accepted.getOrDefault(type.getSimpleName(), 0) > 0, type + " is never accepted");
    }
    assertEquals(0, accepted.getOrDefault("UpdateDenyRules", 0));
    assertEquals(0, accepted.getOrDefault("PutPrincipal", 0));
    assertTrue(refused > SEEDS * 10, "hardly anything is refused");
  }

  private int search(long seed) {
    Random random = new Random(seed);
    try (TypePlane types = new TypePlane()) {
      World world = new World(types, random);
      world.furnish();
      Map<String, Long> most = world.most();
      Set<String> watched = new HashSet<>(WATCHED);
      int refused = 0;
      for (int step = 0; step < STEPS; step++) {
        String actor = world.one(TURNS);
        Command command = world.command(actor);
        if (!world.commit(Requester.onBehalfOf(PrincipalName.parse(actor)), command)) {
          refused++;
          continue;
        }
        accepted.merge(command.getClass().getSimpleName(), 1, Integer::sum);
        if (command instanceof Command.PutExternalLink link
            && link.rotate()
            && link.id().equals("foreign")) {
          watched.add(FOREIGN_LINK);
        }
        for (String principal : watched) {
          for (String resource : RESOURCES) {
            long excess =
                world.allowed(principal, resource) & ~world.bound(most, principal, resource);
            assertEquals(
                List.of(),
                types
                    .plane
                    .live
                    .current()
                    .organization("acme")
                    .orElseThrow()
                    .profile()
                    .permissionNames(excess),
                () ->
                    "seed "
                        + seed
                        + ": "
                        + principal
                        + " gained on "
                        + resource
                        + " by "
                        + command);
          }
        }
      }
      return refused;
    }
  }

  /** One random organization and what is asked of it. */
  private static final class World {
    private final TypePlane types;
    private final Random random;
    private final List<String> permissions;
    private int rarity = 4;

    World(TypePlane types, Random random) {
      this.types = types;
      this.random = random;
      List<String> all = new ArrayList<>(org().profile().vocabulary().permissions());
      all.retainAll(
          Set.of(
              "get",
              "predict",
              "update",
              "publish",
              "delete",
              "grants.read",
              "grants.write",
              "launch",
              "data.read",
              "rights.write"));
      this.permissions = all;
    }

    void furnish() {
      List.of(DATA, TABLE, APP).forEach(types.plane::resource);
      types.plane.principal(TEAM);
      types.plane.principal(ANA);
      TARGETS.stream().filter(name -> name.startsWith("user:")).forEach(types.plane::principal);
      ACTORS.forEach(
          actor -> {
            if (random.nextBoolean()) {
              system(new Command.UpdateMemberships(List.of(member(true, actor))));
            }
          });
      List<String> stewards = new ArrayList<>(some(permissions, 2));
      stewards.removeAll(List.of("rights.write", "grants.write"));
      stewards.addAll(List.of("rights.write", "grants.write"));
      types.grant(ACME, STEVE, true, stewards.toArray(String[]::new));
      for (int i = 0; i < 7; i++) {
        system(grant(ACTORS));
      }
      for (int i = 0; i < 7; i++) {
        system(new Command.UpdateTypeRights(List.of(typeRight(List.of(STEVE, EVE, TEAM))), ""));
      }
      for (int i = 0; i < random.nextInt(3); i++) {
        system(new Command.UpdateDenyRules(List.of(denyRule())));
      }
      system(link("foreign", "editor", false));
      rarity = 16; // What asks for much is refused.
    }

    /** What each may do or share at first, by principal and resource. */
    Map<String, Long> most() {
      Map<String, Long> most = new HashMap<>();
      for (String resource : RESOURCES) {
        long shareable = 0;
        for (String actor : ACTORS) {
          Facts facts = facts(actor, resource);
          Kind kind = facts.kinds().get(facts.kinds().size() - 1);
          long now = types.plane.clock.nowMicros();
          shareable |= Decider.shareable(facts, kind, grant -> grant.isLiveAt(now));
        }
        most.put(resource, shareable);
        for (String principal : WATCHED) {
          long held =
              Decider.decide(facts(principal, resource), types.plane.clock.nowMicros())
                  .beforeGates();
          most.put(principal + " " + resource, held);
        }
      }
      return most;
    }

    long bound(Map<String, Long> most, String principal, String resource) {
      return most.getOrDefault(resource, 0L) | most.getOrDefault(principal + " " + resource, 0L);
    }

    long allowed(String principal, String resource) {
      return Decider.decide(facts(principal, resource), types.plane.clock.nowMicros()).allowed();
    }

    Command command(String actor) {
      return switch (random.nextInt(15)) {
        case 12, 13, 14 -> policy();
        case 0, 1, 2 -> new Command.UpdateTypeRights(List.of(typeRight(TARGETS)), "");
        case 3 -> new Command.UpdateDenyRules(List.of(denyRule()));
        case 4 ->
            new Command.UpdateDenyRules(
                List.of(new DenyRuleChange.Delete("r" + random.nextInt(2), "")));
        case 5, 6 ->
            link(
                one(List.of("l0", "l1", "foreign")),
                one(List.of("", "user", "editor", "steward")),
                random.nextBoolean());
        case 7 ->
            new Command.DeleteExternalLink(
                ResourceName.parse(APP), one(List.of("l0", "l1", "foreign")), "");
        case 8, 9 -> grant(TARGETS);
        case 10 -> new Command.UpdateMemberships(List.of(member(random.nextInt(3) == 0, actor)));
        default -> attributes(actor);
      };
    }

    boolean commit(Requester requester, Command command) {
      try {
        types
            .plane
            .committer
            .commit("acme", Order.of(requester), command)
            .toCompletableFuture()
            .join();
        return true;
      } catch (CompletionException e) {
        if (e.getCause() instanceof RefusedException) {
          return false;
        }
        throw e;
      }
    }

    <T> T one(List<T> things) {
      return things.get(random.nextInt(things.size()));
    }

    private void system(Command command) {
      commit(Requester.SYSTEM_ADMINISTRATOR, command);
    }

    private Command attributes(String actor) {
      return switch (random.nextInt(4)) {
        case 0 ->
            new Command.UpdateOrganization(
                Optional.empty(), Optional.of(Map.of("tricky_models", random.nextBoolean())), "");
        case 1 ->
            new Command.PutPrincipal(
                PrincipalName.parse(actor),
                Optional.of(PrincipalRow.State.ACTIVE),
                Optional.empty(),
                "",
                Optional.of(new UnitName("emea")),
                "",
                false);
        default ->
            new Command.UpdateResource(
                ResourceName.parse(one(List.of(FRAUD, APP))),
                Optional.of("name " + random.nextInt()),
                Optional.empty(),
                random.nextBoolean() ? Optional.of(new UnitName("emea")) : Optional.empty(),
                random.nextBoolean()
                    ? Optional.of(Set.of(random.nextBoolean() ? "published" : "active"))
                    : Optional.empty(),
                "");
      };
    }

    private Command.UpdateGrants grant(List<String> recipients) {
      GrantChange change =
          new GrantChange(
              random.nextInt(4) == 0 ? GrantChange.Mode.SET : GrantChange.Mode.MERGE,
              PrincipalName.parse(one(recipients)),
              "",
              some(permissions, rarity),
              random.nextBoolean(),
              random.nextBoolean(),
              0,
              random.nextInt(4) == 0 ? Micros.NEVER - 1 : Micros.NEVER,
              "");
      return new Command.UpdateGrants(ResourceName.parse(one(RESOURCES)), List.of(change), "");
    }

    private Command.SetPolicy policy() {
      Command.UpdateGrants more = grant(TARGETS);
      return RandomPolicy.of(types.plane, more.resource(), more.changes().get(0), random);
    }

    private TypeRightChange typeRight(List<String> holders) {
      String kindName = one(KINDS);
      Kind kind = org().profile().kind(kindName).orElseThrow();
      List<String> own = new ArrayList<>(org().profile().permissionNames(kind.permissions()));
      own.retainAll(permissions);
      Set<Effect> effects = EnumSet.noneOf(Effect.class);
      if (random.nextInt(3) > 0) {
        effects.add(Effect.ALLOWS);
      }
      if (kind.privileges() != Kind.Privileges.NONE && random.nextBoolean()) {
        effects.add(Effect.REQUIRES);
      }
      if (kind.ceilings() != Kind.Ceilings.NONE && random.nextInt(3) == 0) {
        effects.add(Effect.BOUNDS);
      }
      GrantChange.Mode mode = one(List.of(GrantChange.Mode.values()));
      boolean all = mode == GrantChange.Mode.REMOVE && random.nextBoolean();
      return new TypeRightChange(
          mode,
          PrincipalName.parse(one(holders)),
          kindName,
          "",
          mode == GrantChange.Mode.REMOVE ? List.of() : some(own, rarity),
          all || !effects.contains(Effect.ALLOWS)
              ? Optional.empty()
              : Optional.of(one(List.of(Depth.values()))),
          all ? Set.of() : effects);
    }

    private DenyRuleChange.Put denyRule() {
      return new DenyRuleChange.Put(
          "r" + random.nextInt(2),
          "",
          List.of(PrincipalName.parse(one(List.of(STEVE, EVE, TEAM)))),
          random.nextBoolean() ? List.of(PrincipalName.parse(one(ACTORS))) : List.of(),
          some(permissions, rarity),
          ResourceName.parse(ACME),
          "",
          "");
    }

    private Command.PutExternalLink link(String id, String role, boolean rotate) {
      return new Command.PutExternalLink(
          ResourceName.parse(APP),
          id,
          role,
          Optional.of(Micros.NEVER),
          rotate,
          LinkSecret.hashOf("secret " + random.nextInt()),
          "");
    }

    private static Command.MembershipChange member(boolean add, String member) {
      return new Command.MembershipChange(
          add, PrincipalName.parse(TEAM), PrincipalName.parse(member));
    }

    /** One of them, and about every {@code rarity}-th of the others. */
    private List<String> some(List<String> things, int rarity) {
      String first = one(things);
      List<String> some = new ArrayList<>(things);
      some.removeIf(thing -> !thing.equals(first) && random.nextInt(rarity) > 0);
      return some;
    }

    private Facts facts(String principal, String resource) {
      return types.plane.live.retained(
          state -> {
            OrgState org = state.organization("acme").orElseThrow();
            return new Gathering(org, state.rows(org), new Dependencies(org.uid()))
                .gatherToShare(PrincipalName.parse(principal), ResourceName.parse(resource));
          });
    }

    private OrgState org() {
      return types.plane.live.current().organization("acme").orElseThrow();
    }
  }
}
