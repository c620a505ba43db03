package dev.offramp.checker;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ExpressionTree;
import dev.offramp.checker.qual.FromCm;
import dev.offramp.checker.qual.FromIpStack;
import dev.offramp.checker.qual.NoProvenance;
import dev.offramp.checker.qual.PolyProvenance;
import dev.offramp.checker.qual.UnknownProvenance;
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

/** Types by provenance. What is computed with a value from the IP stack is from the IP stack. */
public final class ProvenanceAnnotatedTypeFactory extends BaseAnnotatedTypeFactory {
  /** Found and called by the Checker Framework, by its name. */
  @SuppressWarnings("this-escape") // The framework's own way to start a factory.
  public ProvenanceAnnotatedTypeFactory(BaseTypeChecker checker) {
    super(checker);
    postInit();
  }

  @Override
  protected Set<Class<? extends Annotation>> createSupportedTypeQualifiers() {
    return Set.of(
        UnknownProvenance.class,
        FromIpStack.class,
        FromCm.class,
        NoProvenance.class,
        PolyProvenance.class);
  }

  @Override
  protected TreeAnnotator createTreeAnnotator() {
    return new ListTreeAnnotator(
        super.createTreeAnnotator(),
        new Operations(this),
        new Constants(this, AnnotationBuilder.fromClass(elements, NoProvenance.class)));
  }

  private final class Operations extends TreeAnnotator {
    private final AnnotationMirror fromIpStack =
        AnnotationBuilder.fromClass(elements, FromIpStack.class);

    Operations(AnnotatedTypeFactory factory) {
      super(factory);
    }

    @Override
    public Void visitBinary(BinaryTree tree, AnnotatedTypeMirror type) {
      if (isFromIpStack(tree.getLeftOperand()) || isFromIpStack(tree.getRightOperand())) {
        type.replaceAnnotation(fromIpStack);
      }
      return super.visitBinary(tree, type);
    }

    private boolean isFromIpStack(ExpressionTree tree) {
      return getAnnotatedType(tree).hasPrimaryAnnotation(FromIpStack.class);
    }
  }
}
