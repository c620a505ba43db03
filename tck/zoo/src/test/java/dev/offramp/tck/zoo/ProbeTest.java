package dev.offramp.tck.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.experiment.Experiment;
import dev.offramp.tck.experiment.Experiments;
import org.junit.jupiter.api.Test;

class ProbeTest {
  @Test
  void times() {
    for (Base base : Base.values()) {
      Trial trial = new Trial(Specimen.honest("plain", "nothing", base, Defect::new), 1);
      for (Experiment experiment : Experiments.all()) {
        long t = System.nanoTime();
        trial.with(experiment);
        System.err.println(base + " " + experiment.name() + " " + (System.nanoTime() - t) / 1000000 + " ms " + trial.findings().get(experiment.name()) + " " + trial.failures());
      }
      assertThat(trial).isNotNull();
    }
  }
}
