package dev.offramp.benchmarks.softiwarp;

import dev.offramp.benchmarks.suite.Series;
import java.util.List;
import java.util.Map;

/** Something to be timed. */
@FunctionalInterface
interface Work {
  /** Does it, and returns how long it took. */
  long nanos() throws Exception;

  /** What a contender measured, where it measures one thing. */
  static Series first(Map<String, List<Series>> seen, String contender) {
    return nth(seen, contender, 0);
  }

  /** What a contender measured, where it measures several things. */
  static Series nth(Map<String, List<Series>> seen, String contender, int index) {
    List<Series> series = seen.get(contender);
    if (series == null) {
      throw new IllegalArgumentException("no contender " + contender);
    }
    return series.get(index);
  }
}
