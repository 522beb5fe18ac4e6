package dev.modelgate.cel;

import dev.cel.common.CelSource;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.ast.CelMutableExpr;
import dev.cel.common.ast.CelMutableExpr.CelMutableCall;
import dev.cel.common.ast.CelMutableExpr.CelMutableIdent;
import dev.cel.common.ast.CelMutableExpr.CelMutableSelect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parsed tree of one condition, on its way to the type checker. Puts a variable in the place of
 * each attribute, so that one attribute can be unknown while its neighbours are known, and refuses
 * what would cost too much or could not be told to be missing.
 *
 * <pre>{@code
 * context.device.trusted && !has(context["x-y"].z)    becomes    @value0 && !@present1
 * }</pre>
 *
 * <p>No text can name such a variable, for {@code @} begins no name, and a text can name the
 * context in no other way, for no variable of that name is declared.
 */
final class ConditionTree {
  /** The most levels of nesting. */
  static final int DEPTH_MAX = 32;

  /** The most attributes, each counted once as a value and once as a question for its presence. */
  static final int ATTRIBUTES_MAX = 32;

  /** The most logical operators, as Google's IAM counts them. */
  private static final int LOGICAL_OPERATORS_MAX = 12;

  private static final String CONTEXT = "context";
  private static final String INDEX = "_[_]";
  private static final String IN = "@in";
  private static final String MATCHES = "matches";
  private static final Set<String> LOGICAL = Set.of("_&&_", "_||_", "!_", "_?_:_");
  private static final Set<String> MACROS =
      Set.of("all", "exists", "exists_one", "existsOne", "filter", "map");

  private final CelSource source;
  private final LiteralCheck literals;
  private final Map<Attribute, String> variables = new LinkedHashMap<>();
  private final Map<Long, Attribute> byExpression = new HashMap<>();
  private int logicalOperators;

  ConditionTree(CelSource source, LiteralCheck literals) {
    this.source = source;
    this.literals = literals;
  }

  /** The variable of the attribute of that number, where its value is meant. */
  static String valueVariable(int index) {
    return "@value" + index;
  }

  /** The variable of the attribute of that number, where the question is whether it is there. */
  static String presenceVariable(int index) {
    return "@present" + index;
  }

  /** The attributes by their variables. */
  Map<String, Attribute> attributes() {
    Map<String, Attribute> byVariable = new HashMap<>();
    variables.forEach((attribute, variable) -> byVariable.put(variable, attribute));
    return byVariable;
  }

  /** The attributes by the ids of the expressions that name them. */
  Map<Long, Attribute> attributesByExpression() {
    return byExpression;
  }

  /** Rewrites the whole tree in place. */
  void rewrite(CelMutableExpr root) throws RefusedConditionException {
    rewrite(root, 1);
  }

  private void rewrite(CelMutableExpr expr, int depth) throws RefusedConditionException {
    if (depth > DEPTH_MAX) {
      throw refused(expr, "nested too deep (expected: at most " + DEPTH_MAX + " levels)");
    }
    Attribute attribute = attribute(expr);
    if (attribute != null) {
      replace(expr, attribute);
      return;
    }
    switch (expr.getKind()) {
      case IDENT -> {
        if (isContext(expr)) {
          throw refused(
              expr,
              "`context` is no value (expected: `context.name`, `context[\"name\"]`,"
                  + " `has(context.name)` or `\"name\" in context`)");
        }
      }
      case CALL -> checkCall(expr, expr.call());
      case CONSTANT, SELECT, LIST, MAP -> {}
      default -> throw refused(expr, "messages cannot be built (expected: a map or a list)");
    }
    for (CelMutableExpr child : children(expr)) {
      rewrite(child, depth + 1);
    }
  }

  /** The expressions right below that one, in the order of the text. */
  static List<CelMutableExpr> children(CelMutableExpr expr) {
    return switch (expr.getKind()) {
      case SELECT -> List.of(expr.select().operand());
      case CALL ->
          Stream.concat(expr.call().target().stream(), expr.call().args().stream()).toList();
      case LIST -> expr.list().elements();
      case MAP ->
          expr.map().entries().stream()
              .flatMap(entry -> Stream.of(entry.key(), entry.value()))
              .toList();
      default -> List.of();
    };
  }

  private void checkCall(CelMutableExpr expr, CelMutableCall call)
      throws RefusedConditionException {
    String function = call.function();
    if (LOGICAL.contains(function) && ++logicalOperators > LOGICAL_OPERATORS_MAX) {
      throw refused(
          expr,
          "too many logical operators (expected: at most "
              + LOGICAL_OPERATORS_MAX
              + " of `&&`, `||`, `!` and `?:`)");
    }
    if (call.target().isPresent() && MACROS.contains(function)) {
      throw refused(
          expr, "macro `" + function + "` is not available (expected: no macro but `has`)");
    }
    checkLiteral(expr, call);
  }

  private void checkLiteral(CelMutableExpr expr, CelMutableCall call)
      throws RefusedConditionException {
    if (call.args().isEmpty()) {
      return;
    }
    String function = call.function();
    CelMutableExpr last = call.args().get(call.args().size() - 1);
    Optional<String> literal = literal(last);
    if (function.equals(MATCHES)
        && literal.filter(text -> text.length() <= LiteralCheck.REGEX_CHARS_MAX).isEmpty()) {
      throw refused(
          expr,
          "regular expression is not bounded (expected: a literal of at most "
              + LiteralCheck.REGEX_CHARS_MAX
              + " characters)");
    }
    String expected = literal.isEmpty() ? null : literals.rejection(function, literal.get());
    if (expected != null) {
      throw refused(last, "`" + literal.get() + "` is not valid (expected: " + expected + ")");
    }
  }

  /** The attribute that the whole expression names; null if it is something else. */
  private static @Nullable Attribute attribute(CelMutableExpr expr) {
    List<String> path = new ArrayList<>();
    if (expr.getKind() == Kind.CALL && expr.call().function().equals(IN)) {
      List<CelMutableExpr> operands = expr.call().args();
      Optional<String> key = literal(operands.get(0));
      return key.isPresent() && isContext(operands.get(1))
          ? new Attribute(List.of(key.get()), true)
          : null;
    }
    return pathTo(expr, path) && !path.isEmpty()
        ? new Attribute(path, expr.getKind() == Kind.SELECT && expr.select().testOnly())
        : null;
  }

  /** Appends the keys that lead from the context to the expression; false if it is not below it. */
  private static boolean pathTo(CelMutableExpr expr, List<String> path) {
    if (isContext(expr)) {
      return true;
    }
    if (expr.getKind() == Kind.SELECT) {
      CelMutableSelect select = expr.select();
      return pathTo(select.operand(), path) && path.add(select.field());
    }
    if (expr.getKind() == Kind.CALL && expr.call().function().equals(INDEX)) {
      Optional<String> key = literal(expr.call().args().get(1));
      return key.isPresent() && pathTo(expr.call().args().get(0), path) && path.add(key.get());
    }
    return false;
  }

  private static boolean isContext(CelMutableExpr expr) {
    return expr.getKind() == Kind.IDENT && expr.ident().name().equals(CONTEXT);
  }

  private static Optional<String> literal(CelMutableExpr expr) {
    return expr.getKind() == Kind.CONSTANT
            && expr.constant().getKind() == CelConstant.Kind.STRING_VALUE
        ? Optional.of(expr.constant().stringValue())
        : Optional.empty();
  }

  private void replace(CelMutableExpr expr, Attribute attribute) throws RefusedConditionException {
    String variable = variables.get(attribute);
    if (variable == null) {
      int index = variables.size();
      if (index == ATTRIBUTES_MAX) {
        throw refused(
            expr, "too many attributes (expected: at most " + ATTRIBUTES_MAX + " of the context)");
      }
      variable = attribute.presence() ? presenceVariable(index) : valueVariable(index);
      variables.put(attribute, variable);
    }
    byExpression.put(expr.id(), attribute);
    expr.setIdent(CelMutableIdent.create(variable));
  }

  private RefusedConditionException refused(CelMutableExpr expr, String message) {
    CelSourceLocation place =
        Optional.ofNullable(source.getPositionsMap().get(expr.id()))
            .flatMap(source::getOffsetLocation)
            .orElse(CelSourceLocation.of(1, 0));
    return RefusedConditionException.at(place, message);
  }
}
