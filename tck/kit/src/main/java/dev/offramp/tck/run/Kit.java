package dev.offramp.tck.run;

import dev.offramp.tck.experiment.Experiment;
import dev.offramp.tck.experiment.Experiments;
import java.util.List;
import java.util.stream.Stream;

/** Everything that the kit does with a jar, in the order in which it is done. */
final class Kit {
  private static final List<Experiment> EXPERIMENTS =
      Stream.concat(Stream.of(new ScanExperiment()), Experiments.all().stream()).toList();

  private Kit() {}

  static List<Experiment> experiments() {
    return EXPERIMENTS;
  }

  /** The experiment with this name; an exception when there is none. */
  static Experiment experiment(String name) {
    return EXPERIMENTS.stream()
        .filter(candidate -> candidate.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("experiment [" + name + "] is not known"));
  }
}
