package dev.modelgate.proof;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Conditions.Result;
import dev.modelgate.decision.Conditions.Truth;
import java.util.Set;

/** Decides conditions by their text: what is no truth is an attribute that is missing. */
class TextConditions implements ConditionLanguage {
  @Override
  public void check(String condition) {}

  @Override
  public Conditions at(Request request) {
    return condition ->
        switch (condition) {
          case "true" -> new Result(Truth.TRUE, Set.of(), false);
          case "false" -> new Result(Truth.FALSE, Set.of(), false);
          case "error" -> new Result(Truth.ERROR, Set.of(), false);
          default -> new Result(Truth.MISSING, Set.of(condition), false);
        };
  }
}
