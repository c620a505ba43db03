package dev.offramp.benchmarks.suite;

import java.util.List;

/** One part of a suite: what can be measured in one JVM, in less than three minutes. */
public interface Part {
  /** For {@code --only}. */
  String name();

  /** JVM options that this part needs besides the common ones. */
  default List<String> jvmOptions(Effort effort) {
    return List.of();
  }

  /** Measures. */
  List<Figure> measure(Effort effort) throws Exception;
}
