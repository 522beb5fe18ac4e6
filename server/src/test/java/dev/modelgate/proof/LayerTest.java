package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Conditions.Result;
import dev.modelgate.decision.Conditions.Truth;
import dev.modelgate.store.AppendLimits;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Random organizations with type rights, units, deny rules, conditions, flags and features: every
 * answer about every caller, resource and action is asked for twice, and the second time, from the
 * cache, recomputed by the reference evaluator.
 */
final class LayerTest {
  private static final int SEEDS = Integer.getInteger("modelgate.layer.seeds", 60);

  @Test
  void everyAnswer_withEveryLayer_isThatOfTheReference() {
    Map<String, Integer> reasons = new TreeMap<>();
    long rechecked = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      Bed.Counts counts = ask(seed, new TextConditions(), reasons);
      assertEquals(0, counts.mismatches.sum(), "seed " + seed);
      rechecked += counts.rechecked.sum();
    }
    System.out.println("layers: " + SEEDS + " seeds, " + rechecked + " rechecked, " + reasons);
    for (String reason :
        List.of(
            "ALLOW",
            "CONDITIONAL",
            "DENY_RULE",
            "PRIVILEGE",
            "CEILING",
            "NO_GRANT",
            "ACCESS",
            "NOT_PUBLISHED",
            "FEATURE_OFF",
            "INACTIVE",
            "PRINCIPAL_INACTIVE",
            "UNKNOWN_RESOURCE")) {
      assertTrue(reasons.getOrDefault(reason, 0) > 5, () -> reason + " hardly occurs: " + reasons);
    }
    assertTrue(rechecked > SEEDS * 100L, "too little is rechecked: " + rechecked);
  }

  /** The proof can fail: a language that changes its mind between the two evaluations is found. */
  @Test
  void everyAnswer_whenTheReferenceSeesOtherConditions_differs() {
    long mismatches = 0;
    for (long seed = 1; seed <= 20; seed++) {
      AtomicInteger calls = new AtomicInteger();
      ConditionLanguage fickle =
          new TextConditions() {
            @Override
            public Conditions at(Request request) {
              Conditions honest = super.at(request);
              return condition ->
                  condition.equals("true") && calls.incrementAndGet() % 3 == 0
                      ? new Result(Truth.FALSE, Set.of(), false)
                      : honest.evaluate(condition);
            }
          };
      mismatches += ask(seed, fickle, new TreeMap<>()).mismatches.sum();
    }
    assertTrue(mismatches > 0, "a difference is not found");
  }

  private static Bed.Counts ask(
      long seed, ConditionLanguage language, Map<String, Integer> reasons) {
    Bed bed =
        new Bed(
            LayeredOrganization.replica(seed),
            new Stamps(),
            new HandClock(),
            1,
            AppendLimits.DEFAULT,
            language);
    try (bed) {
      for (String caller : LayeredOrganization.CALLERS) {
        for (String path : LayeredOrganization.PATHS) {
          String model = path.isEmpty() ? "organizations/acme" : "organizations/acme/" + path;
          for (String action : LayeredOrganization.actions()) {
            Question question = new Question(caller, model, action, List.of(), Consistency.CURRENT);
            Answer first = bed.ask(question);
            Answer second = bed.ask(question);
            if (language.getClass() == TextConditions.class) {
              assertEquals(first, second, question::toString);
            }
            reasons.merge(reason(first), 1, Integer::sum);
          }
        }
      }
    }
    return bed.counts();
  }

  private static String reason(Answer answer) {
    if (answer.allowed()) {
      return "ALLOW";
    }
    return answer.reason().isEmpty() ? "CONDITIONAL" : answer.reason();
  }
}
