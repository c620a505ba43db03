package dev.offramp.checker;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.Tree;
import dev.offramp.checker.qual.AnyNumber;
import dev.offramp.checker.qual.MessageSequenceNumber;
import dev.offramp.checker.qual.PlainNumber;
import dev.offramp.checker.qual.PolyNumber;
import dev.offramp.checker.qual.STag;
import dev.offramp.checker.qual.SequenceNumber;
import java.lang.annotation.Annotation;
import java.util.Set;
import javax.lang.model.element.AnnotationMirror;
import org.checkerframework.common.basetype.BaseAnnotatedTypeFactory;
import org.checkerframework.common.basetype.BaseTypeChecker;
import org.checkerframework.framework.type.AnnotatedTypeFactory;
import org.checkerframework.framework.type.AnnotatedTypeMirror;
import org.checkerframework.framework.type.treeannotator.ListTreeAnnotator;
import org.checkerframework.framework.type.treeannotator.TreeAnnotator;
import org.checkerframework.javacutil.AnnotationBuilder;

/** Types by kind of number, and the kind of what is computed from them. */
public final class NumberKindAnnotatedTypeFactory extends BaseAnnotatedTypeFactory {
  private final AnnotationMirror any = AnnotationBuilder.fromClass(elements, AnyNumber.class);
  private final AnnotationMirror plain = AnnotationBuilder.fromClass(elements, PlainNumber.class);

  /** Found and called by the Checker Framework, by its name. */
  @SuppressWarnings("this-escape") // The framework's own way to start a factory.
  public NumberKindAnnotatedTypeFactory(BaseTypeChecker checker) {
    super(checker);
    postInit();
  }

  @Override
  protected Set<Class<? extends Annotation>> createSupportedTypeQualifiers() {
    return Set.of(
        AnyNumber.class,
        SequenceNumber.class,
        MessageSequenceNumber.class,
        STag.class,
        PlainNumber.class,
        PolyNumber.class);
  }

  @Override
  protected TreeAnnotator createTreeAnnotator() {
    return new ListTreeAnnotator(
        super.createTreeAnnotator(), new Arithmetic(this), new Constants(this, plain));
  }

  NumberKind kindOf(ExpressionTree tree) {
    return NumberKind.of(getAnnotatedType(tree));
  }

  /** RFC 9293, section 3.4: a sequence number and a distance give a sequence number. */
  private final class Arithmetic extends TreeAnnotator {
    Arithmetic(AnnotatedTypeFactory factory) {
      super(factory);
    }

    @Override
    public Void visitBinary(BinaryTree tree, AnnotatedTypeMirror type) {
      NumberKind left = kindOf(tree.getLeftOperand());
      NumberKind right = kindOf(tree.getRightOperand());
      switch (tree.getKind()) {
        case PLUS -> type.replaceAnnotation(sum(tree, left, right));
        case MINUS -> type.replaceAnnotation(difference(tree, left, right));
        case AND -> type.replaceAnnotation(masked(tree, left, right));
        default -> type.replaceAnnotation(left.isPlain() && right.isPlain() ? plain : any);
      }
      return null;
    }

    @Override
    public Void visitCompoundAssignment(CompoundAssignmentTree tree, AnnotatedTypeMirror type) {
      return null; // Of the kind of the variable, which is what the default says.
    }

    private AnnotationMirror sum(BinaryTree tree, NumberKind left, NumberKind right) {
      if (left.wraps() != right.wraps()) {
        return annotation(left.wraps() ? tree.getLeftOperand() : tree.getRightOperand());
      }
      return left.isPlain() && right.isPlain() ? plain : any;
    }

    private AnnotationMirror difference(BinaryTree tree, NumberKind left, NumberKind right) {
      if (left.wraps()) {
        return right.wraps() ? plain : annotation(tree.getLeftOperand());
      }
      return left.isPlain() && right.isPlain() ? plain : any;
    }

    private AnnotationMirror masked(BinaryTree tree, NumberKind left, NumberKind right) {
      if (left.wraps() && NumberKindVisitor.keepsAllBits(tree.getRightOperand())) {
        return annotation(tree.getLeftOperand());
      }
      if (right.wraps() && NumberKindVisitor.keepsAllBits(tree.getLeftOperand())) {
        return annotation(tree.getRightOperand());
      }
      return left.isPlain() && right.isPlain() ? plain : any;
    }

    private AnnotationMirror annotation(Tree operand) {
      return getAnnotatedType(operand).getPrimaryAnnotations().first();
    }
  }
}
