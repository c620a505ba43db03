package dev.offramp.tck.run;

import dev.offramp.tck.experiment.Experiment;
import dev.offramp.tck.experiment.Judgement;
import dev.offramp.tck.experiment.Lab;
import dev.offramp.tck.experiment.Stage;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.scan.JarScan;
import dev.offramp.tck.scan.ScanResult;
import java.util.Set;

/** The jar scan as an experiment: one finding for each rule, with all places. */
final class ScanExperiment implements Experiment {
  @Override
  public String name() {
    return "scan";
  }

  @Override
  public Stage stage() {
    return Stage.SCAN;
  }

  @Override
  public Set<Rule> decides() {
    return JarScan.DECIDES;
  }

  @Override
  public void run(Lab lab, Judgement judgement) {
    ScanResult result = JarScan.of(lab.jar());
    result.breaches().forEach((rule, places) -> judgement.fail(rule, ScanResult.words(places)));
    result.notes().forEach(judgement::note);
  }
}
