package dev.modelgate.cel;

import static dev.modelgate.fuzz.FuzzTarget.require;

import dev.modelgate.app.ConditionLanguage.Request;
import dev.modelgate.decision.Conditions;
import dev.modelgate.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Conditions: refused when they are written, or evaluated without an exception, to the same for the
 * same request; what is refused is never true.
 */
public final class ConditionTarget implements FuzzTarget {
  private static final List<Map<String, Object>> CONTEXTS =
      List.of(Map.of(), Map.of("ip", "10.0.0.1", "n", 3.0, "s", "x".repeat(5_000), "b", true));

  private final CelConditions conditions = new CelConditions();

  @Override
  public void read(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    boolean refused = false;
    try {
      conditions.check(text);
    } catch (IllegalArgumentException e) {
      refused = true;
    }
    for (Map<String, Object> context : CONTEXTS) {
      Request request =
          new Request("user:ana@acme.com", "organizations/acme/models/m", 1_000_000, () -> context);
      Conditions.Result result = conditions.at(request).evaluate(text);
      require(!refused || result.truth() != Conditions.Truth.TRUE, "what is refused is not true");
      require(
          result.usesTime() || conditions.at(request).evaluate(text).equals(result),
          "the same request, the same outcome");
    }
  }
}
