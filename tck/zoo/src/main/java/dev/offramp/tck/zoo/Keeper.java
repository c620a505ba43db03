package dev.offramp.tck.zoo;

import dev.offramp.tck.experiment.Experiment;
import dev.offramp.tck.experiment.Experiments;
import dev.offramp.tck.report.Finding;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.RuleCatalogue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tries the kit on the specimens. What it finds at the honest driver that a specimen is made of
 * does not count: neither as a catch nor as a false alarm.
 */
public final class Keeper {
  /** They take a minute on an adapter, and find what others find sooner. */
  private static final Set<String> SLOW = Set.of("faults");

  /** Reference experiments first that cost least. */
  private static final List<String> CHEAP =
      List.of("canaries", "lexicon", "loops", "arrival", "contract", "environment");

  private final long seed;
  private final boolean thorough;
  private final Map<String, Set<String>> known = new LinkedHashMap<>();

  /**
   * A keeper.
   *
   * @param seed what is drawn is drawn from it
   * @param thorough whether all experiments are tried that decide on a rule, or only until one has
   *     found it broken
   */
  public Keeper(long seed, boolean thorough) {
    this.seed = seed;
    this.thorough = thorough;
  }

  /** Tries the kit on one specimen. */
  public Outcome judge(Specimen specimen) {
    return specimen.rule().isPresent()
        ? judgeWrong(specimen, specimen.rule().get())
        : judgeHonest(specimen);
  }

  private Outcome judgeWrong(Specimen specimen, Rule rule) {
    Trial trial = new Trial(specimen, seed);
    Map<String, String> foundBy = new LinkedHashMap<>();
    for (Experiment experiment : inOrder()) {
      boolean wanted = thorough || foundBy.isEmpty();
      boolean affordable = !SLOW.contains(experiment.name()) || !specimen.target().isAdapter();
      if (!experiment.decides().contains(rule) || !wanted || !affordable) {
        continue;
      }
      trial.with(experiment);
      for (Finding finding : trial.findings().getOrDefault(experiment.name(), List.of())) {
        if (finding.rule().equals(rule.id())
            && !atBase(specimen.base(), experiment).contains(text(finding))) {
          foundBy.putIfAbsent(experiment.name(), finding.message());
        }
      }
    }
    return new Outcome(specimen, foundBy, List.of(), trial.failures());
  }

  private Outcome judgeHonest(Specimen specimen) {
    Trial trial = new Trial(specimen, seed);
    List<String> alarms = new ArrayList<>();
    for (Experiment experiment : Experiments.all()) {
      if (SLOW.contains(experiment.name()) && specimen.target().isAdapter()) {
        continue;
      }
      trial.with(experiment);
      Set<String> rules = new HashSet<>();
      atBase(specimen.base(), experiment).forEach(text -> rules.add(text.split(" ", 2)[0]));
      for (Finding finding : trial.findings().getOrDefault(experiment.name(), List.of())) {
        if (!rules.contains(finding.rule())) {
          alarms.add(experiment.name() + ": " + text(finding));
        }
      }
    }
    return new Outcome(specimen, Map.of(), alarms, trial.failures());
  }

  private static List<Experiment> inOrder() {
    List<Experiment> all = new ArrayList<>(Experiments.all());
    all.sort(
        Comparator.comparingInt((Experiment experiment) ->
            CHEAP.contains(experiment.name()) ? CHEAP.indexOf(experiment.name()) : 99));
    return all;
  }

  private static String text(Finding finding) {
    return finding.rule() + " " + finding.message();
  }

  /** What the kit finds at the honest driver: defects of its own, which are known. */
  private Set<String> atBase(Base base, Experiment experiment) {
    return known.computeIfAbsent(
        base + " " + experiment.name(),
        key -> {
          Trial trial =
              new Trial(Specimen.honest("plain", "nothing is odd", base, Defect::new), seed);
          Set<String> texts = new TreeSet<>();
          trial
              .with(experiment)
              .findings()
              .getOrDefault(experiment.name(), List.of())
              .forEach(finding -> texts.add(text(finding)));
          return texts;
        });
  }

  /** Rules that an experiment decides and that no specimen breaks. */
  public static List<Rule> withoutSpecimen() {
    Set<Rule> broken = new HashSet<>();
    Zoo.all().forEach(specimen -> specimen.rule().ifPresent(broken::add));
    Set<Rule> decided = new HashSet<>();
    Experiments.all().forEach(experiment -> decided.addAll(experiment.decides()));
    return RuleCatalogue.all().stream()
        .filter(rule -> rule.isTestable() && decided.contains(rule) && !broken.contains(rule))
        .toList();
  }
}
