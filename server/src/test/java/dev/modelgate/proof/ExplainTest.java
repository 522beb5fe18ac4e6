package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.query.ExplainQuery;
import dev.modelgate.app.query.Explanation;
import dev.modelgate.app.query.Explanation.Effect;
import dev.modelgate.app.query.Explanation.Kind;
import dev.modelgate.app.query.Explanation.Step;
import dev.modelgate.app.query.LookupContext;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.AppendLimits;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Rows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Explain against Check, over random organizations with every layer; and whom it names. */
final class ExplainTest {
  private static final int SEEDS = Integer.getInteger("modelgate.explain.seeds", 40);
  private static final String ACME = "organizations/acme";

  /** What the first step of a denial is about. */
  private static final Map<String, Kind> FIRST =
      Map.of(
          "DENY_RULE", Kind.DENY_RULE,
          "PRIVILEGE", Kind.PRIVILEGE,
          "CEILING", Kind.CEILING,
          "NO_GRANT", Kind.GRANT,
          "ACCESS", Kind.GRANT,
          "UNKNOWN_RESOURCE", Kind.RESOURCE,
          "PRINCIPAL_INACTIVE", Kind.PRINCIPAL,
          "NOT_PUBLISHED", Kind.GATE,
          "FEATURE_OFF", Kind.GATE,
          "INACTIVE", Kind.GATE);

  @Test
  void explanation_withEveryLayer_agreesWithCheck() {
    Map<String, Integer> reasons = new TreeMap<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      try (Bed bed =
          new Bed(
              LayeredOrganization.replica(seed),
              new Stamps(),
              new HandClock(),
              0,
              AppendLimits.DEFAULT,
              new TextConditions())) {
        Random random = new Random(seed);
        for (String caller : LayeredOrganization.CALLERS) {
          for (String path : LayeredOrganization.PATHS) {
            for (String action : new TreeSet<>(LayeredOrganization.actions())) {
              if (random.nextInt(3) == 0) {
                String model = path.isEmpty() ? ACME : ACME + "/" + path;
                String reason = compare(bed, seed, caller, model, action);
                reasons.merge(reason, 1, Integer::sum);
              }
            }
          }
        }
      }
    }
    System.out.println("explanations: " + SEEDS + " seeds, " + reasons);
    FIRST.keySet().stream()
        .filter(reason -> !reason.equals("INACTIVE"))
        .forEach(reason -> assertTrue(reasons.getOrDefault(reason, 0) > 2, reason));
  }

  private static String compare(Bed bed, long seed, String caller, String model, String action) {
    Question question = new Question(caller, model, action, List.of(), Consistency.CURRENT);
    Answer answer = bed.ask(question);
    ExplainQuery query = query(caller, model, action);
    Explanation found = bed.lookups().explain(query, Requester.SYSTEM_ADMINISTRATOR);
    String about = "seed " + seed + ": " + question + "\n" + found;
    assertEquals(answer.reason(), found.reason(), about);
    assertEquals(answer.missing(), new TreeSet<>(found.missing()), about);
    assertEquals(answer.revision(), found.revision(), about);
    assertEquals(answer.validUntilMicros(), found.validUntilMicros(), about);
    if (answer.reason().isEmpty()) {
      Effect weakest = answer.allowed() ? Effect.ALLOWS : Effect.CONDITIONAL;
      Set<String> gives = new TreeSet<>();
      found.steps().stream()
          .filter(step -> step.kind() == Kind.GRANT || step.kind() == Kind.TYPE_RIGHT)
          .forEach(step -> gives.addAll(step.permissions()));
      assertEquals(needed(action, model), gives, about);
      assertTrue(
          found.steps().stream().allMatch(step -> step.effect() == Effect.ALLOWS)
              || weakest == Effect.CONDITIONAL,
          about);
      if (weakest == Effect.CONDITIONAL) {
        assertTrue(
            found.steps().stream().anyMatch(step -> step.effect() == Effect.CONDITIONAL), about);
      }
      return answer.allowed() ? "ALLOW" : "CONDITIONAL";
    }
    Step first = found.steps().get(0);
    assertEquals(FIRST.get(answer.reason()), first.kind(), about);
    assertEquals(Effect.DENIES, first.effect(), about);
    return answer.reason();
  }

  private static Set<String> needed(String action, String model) {
    return switch (action) {
      case "revise" -> Set.of("create", "get", "update");
      case "use" ->
          model.contains("/applications/")
              ? Set.of("launch")
              : model.contains("/datasets/") ? Set.of("data.read") : Set.of("get", "predict");
      default -> Set.of(action);
    };
  }

  /** Whoever is named does it, and it helps. */
  @Test
  void granter_named_canGrantWhatLacks() {
    int granted = 0;
    for (long seed = 1; seed <= SEEDS / 2; seed++) {
      Random random = new Random(seed);
      try (Bed bed = new Bed(new MemoryReplica(Rows::check), new Stamps(), new HandClock(), 0)) {
        List<String> names = RandomTree.grow(bed, random);
        own(bed, random, names);
        for (int i = 0; i < 30; i++) {
          String caller = "user:u" + random.nextInt(6) + "@acme.com";
          String model = names.get(random.nextInt(names.size()));
          String action = List.of("predict", "get", "data.read").get(random.nextInt(3));
          Question question = new Question(caller, model, action, List.of(), Consistency.CURRENT);
          Explanation found =
              bed.lookups().explain(query(caller, model, action), Requester.SYSTEM_ADMINISTRATOR);
          boolean lacks = List.of("NO_GRANT", "ACCESS").contains(found.reason());
          for (Explanation.Granter granter :
              lacks ? found.granters() : List.<Explanation.Granter>of()) {
            Requester requester = Requester.onBehalfOf(PrincipalName.parse(granter.principal()));
            String about = "seed " + seed + ": " + question + "\n" + found;
            Command give = grant(GrantChange.Mode.MERGE, caller, granter, found.lacking());
            assertEquals(Optional.empty(), bed.commit("acme", requester, give), about);
            assertTrue(bed.ask(question).allowed(), about);
            Command take = grant(GrantChange.Mode.REMOVE, caller, granter, found.lacking());
            assertEquals(Optional.empty(), bed.commit("acme", take), about);
            granted++;
          }
        }
      }
    }
    System.out.println("granters: " + granted);
    assertTrue(granted > SEEDS, "few granters: " + granted);
  }

  private static Command grant(
      GrantChange.Mode mode, String to, Explanation.Granter granter, List<String> lacking) {
    boolean gives = mode == GrantChange.Mode.MERGE;
    return new Command.UpdateGrants(
        ResourceName.parse(granter.resource()),
        List.of(
            new GrantChange(
                mode,
                PrincipalName.parse(to),
                granter.role(),
                granter.role().isEmpty() ? lacking : List.of(),
                false,
                gives && lacking.contains("data.read"),
                0,
                Micros.NEVER,
                "")),
        "");
  }

  private static void own(Bed bed, Random random, List<String> names) {
    for (int i = 0; i < 12; i++) {
      String owner = "user:u" + random.nextInt(6) + "@acme.com";
      ResourceName on = ResourceName.parse(names.get(random.nextInt(names.size())));
      GrantChange change =
          new GrantChange(
              GrantChange.Mode.SET,
              PrincipalName.parse(owner),
              "owner",
              List.of(),
              false,
              false,
              0,
              Micros.NEVER,
              "");
      assertEquals(
          Optional.empty(), bed.commit("acme", new Command.UpdateGrants(on, List.of(change), "")));
    }
  }

  static ExplainQuery query(String caller, String model, String action) {
    return new ExplainQuery(
        PrincipalName.parse(caller), ResourceName.parse(model), action, LookupContext.NONE);
  }
}
