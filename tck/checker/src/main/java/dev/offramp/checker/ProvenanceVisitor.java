package dev.offramp.checker;

import org.checkerframework.common.basetype.BaseTypeChecker;
import org.checkerframework.common.basetype.BaseTypeVisitor;

/** The rules of subtyping say it all: a {@code FromIpStack} is no {@code FromCm}. */
public final class ProvenanceVisitor extends BaseTypeVisitor<ProvenanceAnnotatedTypeFactory> {
  public ProvenanceVisitor(BaseTypeChecker checker) {
    super(checker);
  }
}
