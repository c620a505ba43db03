package dev.offramp.checker;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.Tree;
import com.sun.tools.javac.tree.JCTree;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.VariableElement;
import org.checkerframework.framework.type.AnnotatedTypeFactory;
import org.checkerframework.framework.type.AnnotatedTypeMirror;
import org.checkerframework.framework.type.treeannotator.TreeAnnotator;
import org.checkerframework.javacutil.TreeUtils;
import org.jspecify.annotations.Nullable;

/** A name of a constant, of an enum too, is as good as the literal: it gets a literal's type. */
final class Constants extends TreeAnnotator {
  private final AnnotationMirror literal;

  Constants(AnnotatedTypeFactory factory, AnnotationMirror literal) {
    super(factory);
    this.literal = literal;
  }

  @Override
  public Void visitIdentifier(IdentifierTree tree, AnnotatedTypeMirror type) {
    annotate(TreeUtils.elementFromUse(tree), type);
    return super.visitIdentifier(tree, type);
  }

  @Override
  public Void visitMemberSelect(MemberSelectTree tree, AnnotatedTypeMirror type) {
    annotate(TreeUtils.elementFromUse(tree), type);
    return super.visitMemberSelect(tree, type);
  }

  private void annotate(@Nullable Element element, AnnotatedTypeMirror type) {
    if (element instanceof VariableElement variable
        && (variable.getConstantValue() != null
            || variable.getKind() == ElementKind.ENUM_CONSTANT)) {
      type.replaceAnnotation(literal);
    }
  }

  /** The value of a constant expression; null when it is none, or not an integer. */
  static @Nullable Long valueOf(ExpressionTree tree) {
    Tree inner = TreeUtils.withoutParens(tree);
    Object value = ((JCTree) inner).type == null ? null : ((JCTree) inner).type.constValue();
    return value instanceof Number number ? number.longValue() : null;
  }
}
