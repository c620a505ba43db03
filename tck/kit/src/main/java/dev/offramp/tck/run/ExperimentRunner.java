package dev.offramp.tck.run;

import dev.offramp.tck.bench.DriverHangsException;
import dev.offramp.tck.experiment.Experiment;
import dev.offramp.tck.experiment.Judgement;
import dev.offramp.tck.experiment.Lab;
import dev.offramp.tck.experiment.Unexpected;
import dev.offramp.tck.report.ExperimentResult;
import dev.offramp.tck.report.Verdict;
import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs one experiment, whatever the driver does in it. */
final class ExperimentRunner {
  private ExperimentRunner() {}

  /**
   * Runs it.
   *
   * @param cutShort takes what was found out before a call did not come back
   * @throws DriverHangsException when a call did not come back; this virtual machine is spent then
   */
  static ExperimentResult run(
      Experiment experiment, Lab lab, String targetName, Consumer<ExperimentResult> cutShort) {
    Judgement judgement = new Judgement(experiment.name(), targetName, lab.seed());
    long start = System.nanoTime();
    try {
      experiment.run(lab, judgement);
      judgement.passRest(experiment.decides());
    } catch (DriverHangsException hang) {
      cutShort.accept(
          result(experiment, judgement, targetName, lab.seed(), System.nanoTime() - start));
      throw hang;
    } catch (OutOfMemoryError e) {
      judgement.fail(PortRules.P09, "the heap of the kit is used up: " + e);
      judgement.openRest(experiment.decides(), "the heap was used up");
    } catch (Exception | Error e) {
      Unexpected.explain(e, lab, judgement);
      judgement.openRest(experiment.decides(), "it could not be finished: " + e);
    }
    return result(experiment, judgement, targetName, lab.seed(), System.nanoTime() - start);
  }

  static ExperimentResult result(
      Experiment experiment, Judgement judgement, String target, long seed, long nanos) {
    Map<String, Verdict> verdicts = new TreeMap<>();
    judgement.verdicts().forEach((rule, verdict) -> verdicts.put(rule.id(), verdict));
    Map<String, String> reasons = new TreeMap<>();
    for (Map.Entry<Rule, String> reason : judgement.reasons().entrySet()) {
      reasons.put(reason.getKey().id(), reason.getValue());
    }
    return new ExperimentResult(
        experiment.name(),
        target,
        seed,
        experiment.stage().name(),
        TimeUnit.NANOSECONDS.toMillis(nanos),
        verdicts,
        reasons,
        judgement.findings(),
        judgement.notes(),
        judgement.provenance());
  }
}
