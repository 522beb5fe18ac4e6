package dev.modelgate.cel;

import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tries literals that a function would reject at each evaluation, so that an author hears of a bad
 * one when he writes it. It asks the very function that evaluates them later.
 */
final class LiteralCheck {
  /** The longest regular expression, in characters. */
  static final int REGEX_CHARS_MAX = 128;

  private static final String LITERAL = "literal";

  /** A function of a literal. */
  private record Trial(CelRuntime.Program program, String expected) {}

  private final Map<String, Trial> trials;

  /** Tries literals under the options of evaluation. */
  LiteralCheck(CelOptions options) {
    CelCompiler compiler =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(options)
            .addVar(LITERAL, SimpleType.STRING)
            .build();
    CelRuntime runtime = CelRuntimeFactory.standardCelRuntimeBuilder().setOptions(options).build();
    trials =
        Map.of(
            "timestamp",
            new Trial(
                program(compiler, runtime, "timestamp(literal)"),
                "a time as `2026-01-31T08:00:00Z`"),
            "duration",
            new Trial(program(compiler, runtime, "duration(literal)"), "a duration as `1h30m`"),
            "matches",
            new Trial(
                program(compiler, runtime, "''.matches(literal)"),
                "a regular expression in RE2 syntax without large repetitions"));
  }

  private static CelRuntime.Program program(
      CelCompiler compiler, CelRuntime runtime, String expression) {
    try {
      return runtime.createProgram(compiler.compile(expression).getAst());
    } catch (CelValidationException | CelEvaluationException e) {
      throw new IllegalStateException("cannot compile `" + expression + "`", e);
    }
  }

  /** What the function expects where it rejects the literal; null if it takes it. */
  @Nullable String rejection(String function, String literal) {
    Trial trial = trials.get(function);
    if (trial == null) {
      return null;
    }
    try {
      trial.program().eval(Map.of(LITERAL, literal));
      return null;
    } catch (CelEvaluationException | RuntimeException e) {
      return trial.expected();
    }
  }
}
