package dev.modelgate.cel;

import dev.cel.common.CelOptions;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.CelStandardFunctions.StandardFunction;
import dev.cel.runtime.RuntimeHelpers;

/**
 * The runtime of the library with a bound on the texts that regular expressions are matched with: a
 * match takes time in proportion to the text, which is the caller's, and to the expression, and
 * some answers are given on event loops. A longer text is an error.
 */
final class BoundedMatches {
  /** The longest text, in characters. */
  static final int TEXT_CHARS_MAX = 4_096;

  private BoundedMatches() {}

  /** A runtime whose {@code matches} is bounded. */
  static CelRuntime runtime(CelOptions options) {
    return CelRuntimeFactory.standardCelRuntimeBuilder()
        .setOptions(options)
        .setStandardEnvironmentEnabled(false)
        .setStandardFunctions(
            CelStandardFunctions.newBuilder().excludeFunctions(StandardFunction.MATCHES).build())
        .addFunctionBindings(bounded("matches", options), bounded("matches_string", options))
        .build();
  }

  private static CelFunctionBinding bounded(String overload, CelOptions options) {
    return CelFunctionBinding.from(
        overload,
        String.class,
        String.class,
        (text, expression) -> {
          if (text.length() > TEXT_CHARS_MAX) {
            throw new CelEvaluationException("text of " + text.length() + " characters");
          }
          return RuntimeHelpers.matches(text, expression, options);
        });
  }
}
