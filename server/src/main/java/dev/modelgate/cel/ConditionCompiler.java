package dev.modelgate.cel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelMutableAst;
import dev.cel.common.CelOptions;
import dev.cel.common.CelSource;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.modelgate.app.ConditionLanguage;
import java.util.Comparator;

/**
 * Compiles conditions: parse, give each attribute of the context a variable and hold the tree to
 * its bounds ({@link ConditionTree}), check types, guard what the types leave open ({@link
 * DynamicOperands}).
 *
 * <p>The work is bounded by the length of the text, the depth of its nesting and the size of its
 * regular expressions. Threads may share this.
 */
final class ConditionCompiler {
  /** What a text beyond {@link ConditionLanguage#BYTES_MAX} is. */
  static final Condition.Refused TOO_LONG =
      new Condition.Refused(
          "condition is too long (expected: 1.." + ConditionLanguage.BYTES_MAX + " bytes)");

  private static final Condition.Refused EMPTY =
      new Condition.Refused(
          "condition is empty (expected: 1.." + ConditionLanguage.BYTES_MAX + " bytes)");

  /** The most nodes of the automaton of a regular expression, which each match builds. */
  private static final int REGEX_PROGRAM_MAX = 250;

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .enableHeterogeneousNumericComparisons(true)
          .evaluateCanonicalTypesToNativeValues(true)
          .enableTimestampEpoch(true)
          .enableUnknownTracking(false)
          .populateMacroCalls(false)
          .retainRepeatedUnaryOperators(true)
          .maxExpressionCodePointSize(ConditionLanguage.BYTES_MAX)
          .maxParseErrorRecoveryLimit(4)
          .maxParseRecursionDepth(ConditionTree.DEPTH_MAX)
          .maxRegexProgramSize(REGEX_PROGRAM_MAX)
          .build();

  private final CelCompiler compiler = compiler();
  private final CelRuntime runtime = BoundedMatches.runtime(OPTIONS);
  private final LiteralCheck literals = new LiteralCheck(OPTIONS);

  private static CelCompiler compiler() {
    CelCompilerBuilder builder =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.HAS)
            .setResultType(SimpleType.BOOL);
    RequestVariables.TYPES.forEach(builder::addVar);
    for (int i = 0; i < ConditionTree.ATTRIBUTES_MAX; i++) {
      builder.addVar(ConditionTree.valueVariable(i), SimpleType.DYN);
      builder.addVar(ConditionTree.presenceVariable(i), SimpleType.BOOL);
    }
    return builder.build();
  }

  /** What the text comes to; never throws. */
  Condition compile(String text) {
    if (text.isEmpty()) {
      return EMPTY;
    }
    if (text.getBytes(UTF_8).length > ConditionLanguage.BYTES_MAX) {
      return TOO_LONG;
    }
    try {
      return compiled(text);
    } catch (RefusedConditionException e) {
      return new Condition.Refused(e.told());
    } catch (CelValidationException e) {
      return new Condition.Refused(refused(e).told());
    } catch (CelEvaluationException | RuntimeException e) {
      // A text can name what the library does not foresee; its own words are not for authors.
      return new Condition.Refused("condition cannot be read (expected: an expression)");
    }
  }

  private Condition compiled(String text)
      throws RefusedConditionException, CelValidationException, CelEvaluationException {
    CelAbstractSyntaxTree parsed = compiler.parse(text).getAst();
    CelSource source = parsed.getSource();
    CelMutableAst mutable = CelMutableAst.fromCelAst(parsed);
    ConditionTree tree = new ConditionTree(source, literals);
    tree.rewrite(mutable.expr());
    CelAbstractSyntaxTree checked = checked(mutable, source);
    if (new DynamicOperands(checked).guard(mutable.expr())) {
      checked = checked(mutable, source);
    }
    return new Condition.Compiled(
        runtime.createProgram(checked),
        tree.attributes(),
        tree.attributesByExpression(),
        checked.getReferenceMap().values().stream()
            .anyMatch(reference -> reference.name().equals(RequestVariables.TIME)));
  }

  private CelAbstractSyntaxTree checked(CelMutableAst tree, CelSource source)
      throws CelValidationException {
    return compiler
        .check(CelAbstractSyntaxTree.newParsedAst(tree.toParsedAst().getExpr(), source))
        .getAst();
  }

  /** The first finding in the order of the text; the others tend to follow from it. */
  private static RefusedConditionException refused(CelValidationException findings) {
    CelIssue first =
        findings.getErrors().stream()
            .min(Comparator.comparing(CelIssue::getSourceLocation))
            .orElseThrow();
    return RefusedConditionException.at(
        first.getSourceLocation(),
        first
            .getMessage()
            .replace(" (in container '')", "")
            .replace("'<EOF>'", "the end")
            .replace("<EOF>", "the end")
            .replace("For input string:", "number out of range:")
            .replace("%%", "%"));
  }
}
