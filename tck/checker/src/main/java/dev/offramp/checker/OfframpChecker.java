package dev.offramp.checker;

import java.util.List;
import org.checkerframework.framework.source.AggregateChecker;
import org.checkerframework.framework.source.SourceChecker;

/** Both checkers in one annotation processor: what a vendor names in a build. */
public final class OfframpChecker extends AggregateChecker {
  @Override
  protected List<Class<? extends SourceChecker>> getSupportedCheckers() {
    return List.of(ProvenanceChecker.class, NumberKindChecker.class);
  }
}
