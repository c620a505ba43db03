package dev.offramp.tck.experiment;

import dev.offramp.tck.bench.Target;
import dev.offramp.tck.rule.Rule;
import java.util.Set;

/**
 * Something that the kit does with a driver on one device. It decides on some rules: those that it
 * does not speak of pass when it comes to its end.
 */
public interface Experiment {
  /** Stable, lower-case, with hyphens. */
  String name();

  Stage stage();

  /** What it decides on. */
  Set<Rule> decides();

  /** Whether it makes sense on a device. */
  default boolean appliesTo(Target target) {
    return true;
  }

  /**
   * Does it.
   *
   * @throws Exception what the driver threw and should not have; whatever was not decided by then
   *     is inconclusive
   */
  void run(Lab lab, Judgement judgement) throws Exception;
}
