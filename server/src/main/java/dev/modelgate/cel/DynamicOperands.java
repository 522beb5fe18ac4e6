package dev.modelgate.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.ast.CelMutableExpr;
import dev.cel.common.ast.CelMutableExpr.CelMutableCall;
import dev.cel.common.types.CelKind;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * Makes an operand of {@code &&} and {@code ||} that turns out to be no boolean an error like any
 * other, which the other operand can outweigh.
 *
 * <p>The interpreter lets such an operand end the whole evaluation: {@code context.a || true} would
 * be an error where {@code a} is a text, but certain where {@code a} is missing, so that a request
 * could gain by leaving an attribute out. Hence {@code context.a} becomes {@code context.a ? true :
 * false} there: the same for a boolean, an error within the operand for anything else. Only
 * operands of no static type need it.
 */
final class DynamicOperands {
  private static final Set<String> OPERATORS = Set.of("_&&_", "_||_");
  private static final String CONDITIONAL = "_?_:_";

  private final CelAbstractSyntaxTree checked;
  private final long firstId;
  private long nextId;

  /** Guards a tree with the types that were found for it. */
  DynamicOperands(CelAbstractSyntaxTree checked) {
    this.checked = checked;
    Set<Long> taken = new HashSet<>(checked.getTypeMap().keySet());
    taken.addAll(checked.getSource().getPositionsMap().keySet());
    this.firstId = Collections.max(taken) + 1;
    this.nextId = firstId;
  }

  /** Guards every operand below; false if there was none to guard, and nothing has changed. */
  boolean guard(CelMutableExpr root) {
    visit(root);
    return nextId > firstId;
  }

  private void visit(CelMutableExpr expr) {
    for (CelMutableExpr child : ConditionTree.children(expr)) {
      visit(child);
    }
    if (expr.getKind() == Kind.CALL && OPERATORS.contains(expr.call().function())) {
      CelMutableCall call = expr.call();
      for (int i = 0; i < call.args().size(); i++) {
        CelMutableExpr operand = call.args().get(i);
        if (isDynamic(operand)) {
          call.setArg(i, guarded(operand));
        }
      }
    }
  }

  private boolean isDynamic(CelMutableExpr operand) {
    return checked.getType(operand.id()).filter(type -> type.kind() == CelKind.DYN).isPresent();
  }

  private CelMutableExpr guarded(CelMutableExpr operand) {
    return CelMutableExpr.ofCall(
        nextId++,
        CelMutableCall.create(
            CONDITIONAL,
            operand,
            CelMutableExpr.ofConstant(nextId++, CelConstant.ofValue(true)),
            CelMutableExpr.ofConstant(nextId++, CelConstant.ofValue(false))));
  }
}
