package dev.modelgate.cel;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelUnknownSet;
import dev.modelgate.decision.Conditions.Result;
import dev.modelgate.decision.Conditions.Truth;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a text came to when it was compiled. */
sealed interface Condition {

  /** What it comes to for one request; never throws. */
  Result evaluate(RequestVariables variables);

  /**
   * A text that is no condition. Stored ones err, which grants nothing: one can be there when an
   * older version took more than this one.
   *
   * @param message for the author
   */
  record Refused(String message) implements Condition {
    private static final Result RESULT = new Result(Truth.ERROR, Set.of(), false);

    @Override
    public Result evaluate(RequestVariables variables) {
      return RESULT;
    }
  }

  /** A program, in which each attribute of the context has become a variable. */
  final class Compiled implements Condition {
    private final CelRuntime.Program program;
    private final Map<String, Attribute> attributes;
    private final Map<Long, Attribute> attributesByExpression;
    private final boolean usesTime;
    private final Result whenTrue;
    private final Result whenFalse;
    private final Result whenError;

    /**
     * @param attributes the attributes by the names of their variables
     * @param attributesByExpression the attributes by the ids of the expressions that name them
     */
    Compiled(
        CelRuntime.Program program,
        Map<String, Attribute> attributes,
        Map<Long, Attribute> attributesByExpression,
        boolean usesTime) {
      this.program = program;
      this.attributes = Map.copyOf(attributes);
      this.attributesByExpression = Map.copyOf(attributesByExpression);
      this.usesTime = usesTime;
      this.whenTrue = new Result(Truth.TRUE, Set.of(), usesTime);
      this.whenFalse = new Result(Truth.FALSE, Set.of(), usesTime);
      this.whenError = new Result(Truth.ERROR, Set.of(), usesTime);
    }

    @Override
    public Result evaluate(RequestVariables variables) {
      Object value;
      try {
        value = program.eval(name -> find(name, variables));
      } catch (CelEvaluationException | RuntimeException e) {
        return whenError;
      }
      if (value instanceof Boolean holds) {
        return holds ? whenTrue : whenFalse;
      }
      return value instanceof CelUnknownSet unknown ? missing(unknown) : whenError;
    }

    /**
     * The value of a variable; empty makes it unknown to the interpreter, which from there on does
     * the three-valued logic and tells which unknown expressions the result turns on.
     */
    private Optional<Object> find(String name, RequestVariables variables) {
      Attribute attribute = attributes.get(name);
      return attribute == null
          ? Optional.of(variables.value(name))
          : Optional.ofNullable(attribute.in(variables.context()));
    }

    private Result missing(CelUnknownSet unknown) {
      Set<String> names = new TreeSet<>();
      for (Long expression : unknown.unknownExprIds()) {
        Attribute attribute = attributesByExpression.get(expression);
        if (attribute == null) {
          return whenError;
        }
        names.add(attribute.name());
      }
      return new Result(Truth.MISSING, names, usesTime);
    }
  }
}
