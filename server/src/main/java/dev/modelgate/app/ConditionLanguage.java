package dev.modelgate.app;

import dev.modelgate.decision.Conditions;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The language in which grants and deny rules state conditions. Checked when it is written, so that
 * what is stored can be evaluated; evaluated for each request, never cached (hazard 7).
 */
public interface ConditionLanguage {
  /** The longest condition, in bytes of UTF-8. */
  int BYTES_MAX = 1_024;

  /** The variable that says who asks. */
  String PRINCIPAL = "principal";

  /** No condition is accepted, and one that is stored all the same errs. */
  ConditionLanguage NONE =
      new ConditionLanguage() {
        @Override
        public void check(String condition) {
          throw new IllegalArgumentException("conditions are not available");
        }

        @Override
        public Conditions at(Request request) {
          return condition ->
              new Conditions.Result(Conditions.Truth.ERROR, java.util.Set.of(), false);
        }
      };

  /**
   * Refuses a text that is no condition: no syntax, not of type bool, names of no attribute, or too
   * dear.
   *
   * @param condition at most {@value #BYTES_MAX} bytes, not empty
   * @throws IllegalArgumentException with a message for the author that says what was expected
   */
  void check(String condition);

  /**
   * Whether a condition may come to something else for another principal with the same request. May
   * be true where it does not; is false only where it cannot.
   */
  static boolean mayNamePrincipal(String condition) {
    return condition.contains(PRINCIPAL);
  }

  /** What conditions come to for one request. Pure in the request; the result never throws. */
  Conditions at(Request request);

  /**
   * One request.
   *
   * @param principal the caller: {@code user:ana@acme.com}
   * @param resource the full name of the resource
   * @param nowMicros its time, in microseconds since 1970
   * @param context its attributes: texts, booleans, doubles, nulls, lists and maps of these; asked
   *     for only when a condition is there
   */
  record Request(
      String principal, String resource, long nowMicros, Supplier<Map<String, Object>> context) {}
}
