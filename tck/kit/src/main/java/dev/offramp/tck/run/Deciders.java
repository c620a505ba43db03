package dev.offramp.tck.run;

import dev.offramp.tck.experiment.Experiment;
import dev.offramp.tck.report.Report;
import dev.offramp.tck.rule.Rule;
import java.util.List;
import java.util.stream.Collectors;

/** Which experiments decide a rule. */
public final class Deciders {
  private Deciders() {}

  /** Names of experiments, in the order in which they run; empty when only the run decides it. */
  public static List<String> of(Rule rule) {
    return Kit.experiments().stream()
        .filter(experiment -> experiment.decides().contains(rule))
        .map(Experiment::name)
        .toList();
  }

  /** The same for people, with stages. */
  public static String words(Rule rule) {
    String words =
        Kit.experiments().stream()
            .filter(experiment -> experiment.decides().contains(rule))
            .map(experiment -> experiment.name() + " (" + experiment.stage().title() + ")")
            .collect(Collectors.joining(", "));
    if (!words.isEmpty()) {
      return words;
    }
    return Report.isOfTheRun(rule) ? "the run itself, by how it ends" : "nothing yet";
  }
}
