package dev.offramp.checker;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TypeCastTree;
import javax.lang.model.type.TypeKind;
import org.checkerframework.common.basetype.BaseTypeChecker;
import org.checkerframework.common.basetype.BaseTypeVisitor;
import org.checkerframework.javacutil.TreeUtils;
import org.jspecify.annotations.Nullable;

/** Reports sequence numbers that lose bits, are compared as if they did not wrap, or are mixed. */
public final class NumberKindVisitor extends BaseTypeVisitor<NumberKindAnnotatedTypeFactory> {
  private static final long ALL_BITS = 0xFFFF_FFFFL;

  public NumberKindVisitor(BaseTypeChecker checker) {
    super(checker);
  }

  static boolean keepsAllBits(ExpressionTree mask) {
    Long value = Constants.valueOf(mask);
    return value == null || (value & ALL_BITS) == ALL_BITS;
  }

  @Override
  public @Nullable Void visitBinary(BinaryTree tree, @Nullable Void unused) {
    check(tree, tree.getKind(), tree.getLeftOperand(), tree.getRightOperand());
    return super.visitBinary(tree, null);
  }

  @Override
  public @Nullable Void visitCompoundAssignment(
      CompoundAssignmentTree tree, @Nullable Void unused) {
    Tree.Kind operation =
        switch (tree.getKind()) {
          case PLUS_ASSIGNMENT -> Tree.Kind.PLUS;
          case AND_ASSIGNMENT -> Tree.Kind.AND;
          case DIVIDE_ASSIGNMENT -> Tree.Kind.DIVIDE;
          case REMAINDER_ASSIGNMENT -> Tree.Kind.REMAINDER;
          case LEFT_SHIFT_ASSIGNMENT -> Tree.Kind.LEFT_SHIFT;
          case RIGHT_SHIFT_ASSIGNMENT -> Tree.Kind.RIGHT_SHIFT;
          case UNSIGNED_RIGHT_SHIFT_ASSIGNMENT -> Tree.Kind.UNSIGNED_RIGHT_SHIFT;
          default -> Tree.Kind.MINUS;
        };
    check(tree, operation, tree.getVariable(), tree.getExpression());
    return super.visitCompoundAssignment(tree, null);
  }

  @Override
  public @Nullable Void visitTypeCast(TypeCastTree tree, @Nullable Void unused) {
    NumberKind kind = atypeFactory.kindOf(tree.getExpression());
    TypeKind to = TreeUtils.typeOf(tree).getKind();
    if (kind.wraps() && (to == TypeKind.BYTE || to == TypeKind.SHORT || to == TypeKind.CHAR)) {
      checker.reportError(tree, "sequence.narrowed", kind, "a cast to " + TreeUtils.typeOf(tree));
    }
    return super.visitTypeCast(tree, null);
  }

  private void check(Tree at, Tree.Kind operation, ExpressionTree left, ExpressionTree right) {
    NumberKind first = atypeFactory.kindOf(left);
    NumberKind second = atypeFactory.kindOf(right);
    switch (operation) {
      case AND -> checkMask(at, first, left, second, right);
      case RIGHT_SHIFT, UNSIGNED_RIGHT_SHIFT, DIVIDE, REMAINDER -> checkCut(at, first);
      case LEFT_SHIFT -> {
        if (TreeUtils.typeOf(left).getKind() != TypeKind.LONG) {
          checkCut(at, first);
        }
      }
      case LESS_THAN, GREATER_THAN, LESS_THAN_EQUAL, GREATER_THAN_EQUAL -> {
        if (first.wraps() && first == second) {
          checker.reportError(at, "sequence.compared", first);
        }
        checkMixed(at, first, second);
      }
      case PLUS -> {
        if (first.wraps() && first == second) {
          checker.reportError(at, "sequence.added", first);
        }
        checkMixed(at, first, second);
      }
      case MINUS, EQUAL_TO, NOT_EQUAL_TO -> checkMixed(at, first, second);
      default -> {} // Bits put together: what that gives is a number of no kind.
    }
  }

  private void checkMask(
      Tree at, NumberKind first, ExpressionTree left, NumberKind second, ExpressionTree right) {
    if (first.wraps() && !keepsAllBits(right)) {
      checker.reportError(at, "sequence.narrowed", first, "the mask " + right);
    }
    if (second.wraps() && !keepsAllBits(left)) {
      checker.reportError(at, "sequence.narrowed", second, "the mask " + left);
    }
  }

  private void checkCut(Tree at, NumberKind kind) {
    if (kind.wraps()) {
      checker.reportError(at, "sequence.narrowed", kind, "this operation");
    }
  }

  private void checkMixed(Tree at, NumberKind first, NumberKind second) {
    if (first.isSpecial() && second.isSpecial() && first != second) {
      checker.reportError(at, "numbers.mixed", first, second);
    }
  }
}
