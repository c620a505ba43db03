package dev.offramp.tck.run;

import dev.offramp.tck.experiment.Experiment;
import dev.offramp.tck.experiment.Judgement;
import dev.offramp.tck.experiment.Lab;
import dev.offramp.tck.experiment.Stage;
import dev.offramp.tck.report.ExperimentResult;
import dev.offramp.tck.report.Finding;
import dev.offramp.tck.report.Finding.Evidence;
import dev.offramp.tck.report.Verdict;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.witness.Sighting;
import dev.offramp.tck.witness.Witness;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the witness saw while a stage ran. It comes last in its process. */
final class WitnessExperiment implements Experiment {
  private final String name;

  private WitnessExperiment(String name) {
    this.name = name;
  }

  /** The witness of one stage. */
  static WitnessExperiment of(Stage watched) {
    return new WitnessExperiment("witness-" + watched.name().toLowerCase(Locale.ROOT));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Stage stage() {
    return Stage.MEDIATION;
  }

  @Override
  public Set<Rule> decides() {
    return Witness.DECIDES;
  }

  @Override
  public void run(Lab lab, Judgement judgement) {
    throw new IllegalStateException("the witness is heard by Child");
  }

  /**
   * What follows from what was seen.
   *
   * @param isWhole whether the stage came to its end; if not, what was not seen is still open
   */
  static ExperimentResult result(Item item, List<Sighting> sightings, boolean isWhole) {
    Map<String, Verdict> verdicts = new TreeMap<>();
    if (isWhole) {
      Witness.DECIDES.forEach(rule -> verdicts.put(rule.id(), Verdict.PASS));
    }
    List<Finding> findings = new ArrayList<>();
    for (Sighting sighting : sightings) {
      verdicts.put(sighting.rule().id(), Verdict.FAIL);
      findings.add(
          new Finding(
              sighting.rule().id(),
              item.experiment(),
              item.target(),
              item.seed(),
              sighting.text(),
              Evidence.NONE));
    }
    return new ExperimentResult(
        item.experiment(),
        item.target(),
        item.seed(),
        Stage.MEDIATION.name(),
        0,
        verdicts,
        Map.of(),
        findings,
        List.of(),
        List.of());
  }
}
