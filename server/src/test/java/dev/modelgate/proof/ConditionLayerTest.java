package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.check.Request;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.store.AppendLimits;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Random organizations whose grants and deny rules state conditions in CEL, asked with random
 * contexts over one cache: every answer is that of the reference evaluator, listings are those of
 * checks, and what is decided without an attribute is decided so with any value of it.
 */
final class ConditionLayerTest {
  private static final int SEEDS = Integer.getInteger("modelgate.condition.seeds", 30);
  private static final int CONTEXTS = 6;

  /** None of them asks whether an attribute is there: that is decided, and so may change. */
  private static final List<String> CONDITIONS =
      List.of(
          "",
          "",
          "context.a",
          "!context.a",
          "context.n >= 2",
          "context.s == \"x\"",
          "context.a || context.n > 1",
          "context.a && context.s in [\"x\", \"y\"]",
          "context.n > 1 ? context.a : context.s == \"x\"",
          "context.s < 2",
          "1 / 0 == 1 || context.a",
          "request.time < timestamp(\"2027-01-15T08:00:01Z\")",
          "request.time >= timestamp(\"2027-01-15T08:00:01Z\") && context.a",
          "principal in [\"user:u0@acme.com\", \"anonymous\"]",
          "resource.type == \"models\" && !resource.name.endsWith(\"m1\") || context.a");

  /** Sorted, as the actions are, so that a seed is the same organization and questions again. */
  private static final Map<String, List<Object>> VALUES =
      new TreeMap<>(
          Map.of(
              "a", List.of(true, true, false, "no boolean"),
              "n", List.of(1.0, 2.0, 3.0, true),
              "s", List.of("x", "y", "z", 1.0)));

  private static final CelConditions LANGUAGE = new CelConditions();

  private final Map<String, Integer> seen = new TreeMap<>();

  @Test
  void everyAnswer_withAnyContext_isThatOfTheReferenceAndStaysWhenAttributesAreAdded() {
    long rechecked = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      Bed bed =
          new Bed(
              LayeredOrganization.replica(seed, CONDITIONS),
              new Stamps(),
              new HandClock(),
              1,
              AppendLimits.DEFAULT,
              LANGUAGE);
      try (bed) {
        ask(bed, new Random(seed));
      }
      assertEquals(0, bed.counts().mismatches.sum(), "seed " + seed);
      rechecked += bed.counts().rechecked.sum();
    }
    System.out.println("conditions: " + SEEDS + " seeds, " + rechecked + " rechecked, " + seen);
    for (String what : List.of("ALLOW", "CONDITIONAL", "DENY_RULE", "NO_GRANT", "ACCESS")) {
      assertTrue(seen.getOrDefault(what, 0) > SEEDS, () -> what + " hardly occurs: " + seen);
    }
    assertTrue(rechecked > SEEDS * 100L, "too little is rechecked: " + rechecked);
  }

  private void ask(Bed bed, Random random) {
    List<String> actions = LayeredOrganization.actions().stream().sorted().toList();
    for (String caller : LayeredOrganization.CALLERS) {
      for (String path : LayeredOrganization.PATHS) {
        String model = path.isEmpty() ? "organizations/acme" : "organizations/acme/" + path;
        requireListed(bed, caller, model, actions, context(random));
        for (int i = 0; i < CONTEXTS; i++) {
          String action = actions.get(random.nextInt(actions.size()));
          Map<String, Object> context = context(random);
          Answer answer = ask(bed, caller, model, action, context);
          seen.merge(said(answer), 1, Integer::sum);
          if (answer.missing().isEmpty()) {
            requireStays(bed, caller, model, action, context, answer, random);
          } else {
            requireDecidedWithThem(bed, caller, model, action, context, answer, random);
          }
        }
      }
    }
  }

  /** A listing has the actions that are allowed with the same context. */
  private static void requireListed(
      Bed bed, String caller, String model, List<String> actions, Map<String, Object> context) {
    List<String> allowed =
        actions.stream()
            .filter(action -> ask(bed, caller, model, action, context).allowed())
            .toList();
    assertEquals(
        allowed,
        bed.actions(question(caller, model, "", context)).actions(),
        () -> said(caller, model, "", context));
  }

  /** What is decided needs no attribute that is missing, whatever its value. */
  private void requireStays(
      Bed bed,
      String caller,
      String model,
      String action,
      Map<String, Object> context,
      Answer answer,
      Random random) {
    Map<String, Object> more = context(random);
    more.putAll(context);
    Answer later = ask(bed, caller, model, action, more);
    assertEquals(answer.allowed(), later.allowed(), () -> said(caller, model, action, more));
    assertEquals(Set.of(), later.missing(), () -> said(caller, model, action, more));
  }

  /** What is missing is named until it is decided, and nothing is named that is there. */
  private void requireDecidedWithThem(
      Bed bed,
      String caller,
      String model,
      String action,
      Map<String, Object> context,
      Answer answer,
      Random random) {
    Map<String, Object> more = new HashMap<>(context);
    Answer last = answer;
    while (!last.missing().isEmpty()) {
      assertFalse(last.allowed());
      for (String name : new TreeSet<>(last.missing())) {
        List<Object> values = VALUES.getOrDefault(name, List.of());
        Object old = more.put(name, values.get(random.nextInt(values.size())));
        assertEquals(null, old, () -> said(caller, model, action, more));
      }
      last = ask(bed, caller, model, action, more);
    }
  }

  private static Answer ask(
      Bed bed, String caller, String model, String action, Map<String, Object> context) {
    return bed.ask(question(caller, model, action, context));
  }

  private static Question question(
      String caller, String model, String action, Map<String, Object> context) {
    Map<String, Object> copy = Map.copyOf(context);
    return new Question(
        caller, model, action, List.of(), Consistency.CURRENT, new Request(() -> copy, ""));
  }

  private static Map<String, Object> context(Random random) {
    Map<String, Object> context = new HashMap<>();
    VALUES.forEach(
        (name, values) -> {
          if (random.nextBoolean()) {
            context.put(name, values.get(random.nextInt(values.size())));
          }
        });
    return context;
  }

  private static String said(String caller, String model, String action, Object context) {
    return caller + " " + action + " " + model + " " + context;
  }

  private static String said(Answer answer) {
    if (answer.allowed()) {
      return "ALLOW";
    }
    return answer.reason().isEmpty() ? "CONDITIONAL" : answer.reason();
  }
}
