package dev.offramp.tck.zoo;

import dev.offramp.tck.bench.DriverHangsException;
import dev.offramp.tck.bench.Target;
import dev.offramp.tck.experiment.Experiment;
import dev.offramp.tck.experiment.Judgement;
import dev.offramp.tck.experiment.Lab;
import dev.offramp.tck.experiment.Unexpected;
import dev.offramp.tck.report.Finding;
import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.scan.JarContents;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tries the kit's experiments on one specimen, in this virtual machine. */
final class Trial {
  private static final long HANG_SECONDS = 5;

  private final Specimen specimen;
  private final Lab lab;
  private final Target target;
  private final Map<String, List<Finding>> findings = new LinkedHashMap<>();
  private final Map<String, String> failures = new LinkedHashMap<>();

  /** A trial that has not begun. */
  public Trial(Specimen specimen, long seed) {
    this.specimen = specimen;
    this.target = specimen.target();
    this.lab = new Lab(target, seed, HANG_SECONDS, JarContents.empty());
  }

  public Specimen specimen() {
    return specimen;
  }

  /** Tries one experiment. */
  public Trial with(Experiment experiment) {
    if (!experiment.appliesTo(target)) {
      return this;
    }
    Judgement judgement = new Judgement(experiment.name(), target.device().name(), lab.seed());
    try {
      experiment.run(lab, judgement);
    } catch (DriverHangsException hang) {
      judgement.fail(PortRules.P08, String.valueOf(hang.getMessage()));
    } catch (Exception | Error e) {
      Unexpected.explain(e, lab, judgement);
      failures.put(experiment.name(), e + at(e));
    }
    findings.put(experiment.name(), new ArrayList<>(judgement.findings()));
    return this;
  }

  private static String at(Throwable e) {
    StackTraceElement[] frames = e.getStackTrace();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(4, frames.length); i++) {
      text.append(" at ").append(frames[i]);
    }
    return text.toString();
  }

  /** Findings by experiment. */
  public Map<String, List<Finding>> findings() {
    return findings;
  }

  /** Experiments that did not come to their end, and why. */
  public Map<String, String> failures() {
    return failures;
  }

  /** Findings of a rule, whatever experiment found them. */
  public List<Finding> findingsOf(String rule) {
    return findings.values().stream()
        .flatMap(List::stream)
        .filter(finding -> finding.rule().equals(rule))
        .toList();
  }
}
