package dev.offramp.checker;

import dev.offramp.checker.qual.FromCm;
import dev.offramp.checker.qual.FromIpStack;
import dev.offramp.checker.qual.NoProvenance;
import dev.offramp.checker.qual.PolyProvenance;
import dev.offramp.checker.qual.UnknownProvenance;
import java.lang.annotation.Annotation;
import java.util.Set;
import org.checkerframework.common.basetype.BaseAnnotatedTypeFactory;
import org.checkerframework.common.basetype.BaseTypeChecker;
import org.checkerframework.framework.type.treeannotator.ListTreeAnnotator;
import org.checkerframework.framework.type.treeannotator.TreeAnnotator;
import org.checkerframework.javacutil.AnnotationBuilder;

/** Types by provenance. What is computed from two values is of the less known of the two. */
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
        new Constants(this, AnnotationBuilder.fromClass(elements, NoProvenance.class)));
  }
}
