package dev.offramp.provider.intel.ring;

import java.util.Map;
import java.util.TreeMap;

/** Which code of the driver each structure of the golden vectors is about. */
final class VectorBindings {
  /** Runs the driver's code on a vector. */
  @FunctionalInterface
  interface Binding {
    /** What differs; empty when nothing does. */
    String difference(Vector vector);
  }

  static final Map<String, Binding> ALL = new TreeMap<>();

  static {
    ContextBindings.addTo(ALL);
    CommandBindings.addTo(ALL);
    WorkBindings.addTo(ALL);
    CompletionBindings.addTo(ALL);
  }

  private VectorBindings() {}
}
