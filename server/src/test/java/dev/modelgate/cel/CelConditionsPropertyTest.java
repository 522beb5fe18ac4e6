package dev.modelgate.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.ConditionLanguage.Request;
import dev.modelgate.cel.RandomCondition.Term;
import dev.modelgate.decision.Conditions.Result;
import dev.modelgate.decision.Conditions.Truth;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Random conditions over random requests, against a second evaluator ({@link RandomCondition}) and
 * against what the same condition comes to once the missing attributes are there.
 */
final class CelConditionsPropertyTest {
  private static final int CONDITIONS = 1_500;
  private static final int REQUESTS = 4;

  /**
   * What an attribute can be, sorted so that a seed is reproducible; the last ones are of a type
   * that few operators take.
   */
  private static final Map<String, List<Object>> VALUES =
      new TreeMap<>(
          Map.of(
              "a", List.of(true, false, "text"),
              "b", List.of(true, false, 1.0),
              "n", List.of(1.0, 2.0, "2"),
              "s", List.of("x", "y", false)));

  private final CelConditions language = new CelConditions();
  private final Map<Truth, Integer> seen = new EnumMap<>(Truth.class);
  private int split;

  @Test
  void condition_overAnyRequest_isCertainOnlyIfEveryCompletionAgrees() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < CONDITIONS; i++) {
      Term term = RandomCondition.bool(random, 3);
      for (int j = 0; j < REQUESTS; j++) {
        compare(term, request(random), "seed " + seed);
      }
    }
    for (Truth truth : Truth.values()) {
      assertTrue(
          seen.getOrDefault(truth, 0) > CONDITIONS * REQUESTS / 50, () -> truth + ": " + seen);
    }
    assertTrue(split * 2 > seen.getOrDefault(Truth.MISSING, 0), () -> split + " of " + seen);
  }

  private static Map<String, Object> request(Random random) {
    Map<String, Object> context = new HashMap<>();
    VALUES.forEach(
        (name, values) -> {
          if (random.nextBoolean()) {
            context.put(name, values.get(random.nextInt(values.size())));
          }
        });
    return context;
  }

  private void compare(Term term, Map<String, Object> context, String seed) {
    String text = term.text();
    Result result = evaluate(text, context);
    String told = seed + ": " + text + " over " + context;
    assertEquals(RandomCondition.result(term, context), result, told);
    Set<Truth> completions = new TreeSet<>();
    // What `has` says is decided by the request as it is, so it stays when attributes are added.
    complete(term.textWithPresence(context), context, List.copyOf(VALUES.keySet()), completions);
    if (result.truth() != Truth.MISSING) {
      assertEquals(Set.of(result.truth()), completions, told);
    }
    seen.merge(result.truth(), 1, Integer::sum);
    split += result.truth() == Truth.MISSING && completions.size() > 1 ? 1 : 0;
  }

  private void complete(
      String text, Map<String, Object> context, List<String> names, Set<Truth> completions) {
    if (names.isEmpty()) {
      completions.add(evaluate(text, context).truth());
      return;
    }
    String name = names.get(0);
    List<String> rest = names.subList(1, names.size());
    if (context.containsKey(name)) {
      complete(text, context, rest, completions);
      return;
    }
    for (Object value : VALUES.getOrDefault(name, List.of())) {
      Map<String, Object> more = new HashMap<>(context);
      more.put(name, value);
      complete(text, more, rest, completions);
    }
  }

  private Result evaluate(String text, Map<String, Object> context) {
    return language
        .at(new Request("user:ana", "organizations/acme/models/m", 0, () -> context))
        .evaluate(text);
  }
}
