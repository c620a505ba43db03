package dev.offramp.tck.report;

import dev.offramp.tck.rule.Level;
import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.RuleCatalogue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything that a run found out, and what follows from it. The same jar, kit, seed and options
 * give the same report, durations aside.
 */
public final class Report {
  /** The version of report.json. */
  public static final int FORMAT = 1;

  /** What no experiment decides but the run itself: it ends, or a finding says how it did not. */
  private static final Set<Rule> OF_THE_RUN =
      Set.of(PortRules.P07, PortRules.P08, PortRules.P09, PortRules.P10, PortRules.P12);

  private final Map<String, Object> facts;
  private final List<ExperimentResult> results;
  private final KnownIssues issues;
  private final List<RuleOutcome> outcomes;

  /**
   * A report.
   *
   * @param facts kit, plugin, driver, environment, options, planned stages: what is shown and not
   *     judged
   * @param results in any order
   */
  public Report(
      Map<String, Object> facts, Collection<ExperimentResult> results, KnownIssues issues) {
    this.facts = new LinkedHashMap<>(facts);
    this.results = results.stream().sorted(Comparator.comparing(ExperimentResult::key)).toList();
    this.issues = issues;
    this.outcomes = judge();
  }

  private List<RuleOutcome> judge() {
    Set<String> wanted = new LinkedHashSet<>(new Fields(facts).map("options").strings("rules"));
    List<RuleOutcome> all = new ArrayList<>();
    for (Rule rule : RuleCatalogue.all()) {
      if (wanted.isEmpty() || wanted.contains(rule.id())) {
        all.add(judge(rule));
      }
    }
    return all;
  }

  /** Whether no experiment decides a rule, but how the run ends. */
  public static boolean isOfTheRun(Rule rule) {
    return OF_THE_RUN.contains(rule);
  }

  private RuleOutcome judge(Rule rule) {
    Verdict verdict = Verdict.PASS;
    String reason = "";
    List<String> experiments = new ArrayList<>();
    List<Finding> findings = new ArrayList<>();
    for (ExperimentResult result : results) {
      Verdict here = result.verdicts().get(rule.id());
      if (here == null) {
        continue;
      }
      experiments.add(result.experiment() + "@" + result.target());
      if (here.compareTo(verdict) > 0 || (here == verdict && reason.isEmpty())) {
        verdict = verdict.and(here);
        reason = result.reasons().getOrDefault(rule.id(), "");
      }
      result.findings().stream()
          .filter(finding -> finding.rule().equals(rule.id()))
          .forEach(findings::add);
    }
    String excluded = issues.excluded().getOrDefault(rule.id(), "");
    if (!rule.isTestable()) {
      return outcome(rule, Verdict.EXCLUDED, "untestable: " + rule.untestable());
    }
    if (!excluded.isEmpty()) {
      return outcome(rule, Verdict.EXCLUDED, excluded);
    }
    if (experiments.isEmpty() && !(OF_THE_RUN.contains(rule) && !results.isEmpty())) {
      verdict = Verdict.INCONCLUSIVE;
      reason =
          isPartial()
              ? "another shard decides it"
              : "no experiment decides it on the devices of this driver";
    }
    if (experiments.isEmpty() && OF_THE_RUN.contains(rule)) {
      reason = "the run came to its end";
    }
    return new RuleOutcome(
        rule,
        verdict,
        verdict == Verdict.FAIL ? "" : reason,
        experiments.stream().distinct().toList(),
        findings,
        issues.known().getOrDefault(rule.id(), ""));
  }

  private static RuleOutcome outcome(Rule rule, Verdict verdict, String reason) {
    return new RuleOutcome(rule, verdict, reason, List.of(), List.of(), "");
  }

  /** What follows from the whole. */
  public enum Conclusion {
    /** Every rule that counts is kept, and nothing is open. */
    COMPLIANT,
    /** A rule that counts is broken, or an entry of the known issues is out of date. */
    NOT_COMPLIANT,
    /** Nothing is broken, and something could not be decided. */
    INCONCLUSIVE,
    /** Not everything was judged: one of several shards, or chosen rules. Nothing is broken. */
    PARTIAL
  }

  /** Whether all that was judged is kept and decided; in a shard, what is open may be another's. */
  public boolean isGood() {
    return conclusion() == Conclusion.COMPLIANT || conclusion() == Conclusion.PARTIAL;
  }

  /** What follows from the whole. */
  public Conclusion conclusion() {
    if (outcomes.stream().anyMatch(o -> counts(o) || o.isStale())) {
      return Conclusion.NOT_COMPLIANT;
    }
    if (isPartial()) {
      return Conclusion.PARTIAL;
    }
    if (outcomes.stream().anyMatch(o -> o.verdict() == Verdict.INCONCLUSIVE)) {
      return Conclusion.INCONCLUSIVE;
    }
    return outcomes.size() < RuleCatalogue.all().size() ? Conclusion.PARTIAL : Conclusion.COMPLIANT;
  }

  /** Whether an outcome makes a driver not compliant. */
  public boolean counts(RuleOutcome outcome) {
    Level level = outcome.rule().level();
    return outcome.isUnexpectedFailure()
        && (level == Level.MUST || (level == Level.SHOULD && isStrict()));
  }

  public boolean isStrict() {
    return new Fields(facts).map("options").bool("strict");
  }

  /** Whether this is one of several shards. */
  public boolean isPartial() {
    return new Fields(facts).map("options").number("shards") > 1;
  }

  /** All rules that were asked for, in the catalogue's order. */
  public List<RuleOutcome> outcomes() {
    return outcomes;
  }

  /** What became of one rule; an exception when it was not asked for. */
  public RuleOutcome outcome(String id) {
    return outcomes.stream().filter(o -> o.rule().id().equals(id)).findFirst().orElseThrow();
  }

  /** How many rules have a verdict. */
  public long count(Verdict verdict) {
    return outcomes.stream().filter(o -> o.verdict() == verdict).count();
  }

  public List<ExperimentResult> results() {
    return results;
  }

  /** What is shown and not judged. */
  public Fields facts() {
    return new Fields(facts);
  }

  /** What people should look at although it has no consequences. */
  public List<String> notes() {
    return results.stream().flatMap(r -> r.notes().stream()).distinct().sorted().toList();
  }

  /** For {@link Json}. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("format", FORMAT);
    map.put("conclusion", conclusion().name());
    Map<String, Object> counts = new LinkedHashMap<>();
    for (Verdict verdict : Verdict.values()) {
      counts.put(verdict.name(), count(verdict));
    }
    map.put("counts", counts);
    map.putAll(facts);
    map.put("issues", issues.toMap());
    map.put("stages", stages());
    map.put("rules", outcomes.stream().map(RuleOutcome::toMap).toList());
    map.put("results", results.stream().map(ExperimentResult::toMap).toList());
    return map;
  }

  private List<Map<String, Object>> stages() {
    Map<String, List<ExperimentResult>> byStage = new TreeMap<>();
    for (ExperimentResult result : results) {
      byStage.computeIfAbsent(result.stage(), s -> new ArrayList<>()).add(result);
    }
    List<Map<String, Object>> stages = new ArrayList<>();
    byStage.forEach((name, ran) -> {
      Map<String, Object> stage = new LinkedHashMap<>();
      stage.put("name", name);
      stage.put("experiments", ran.size());
      stage.put("millis", ran.stream().mapToLong(ExperimentResult::millis).sum());
      stages.add(stage);
    });
    return stages;
  }

  /** Reads report.json. */
  public static Report read(String json) throws IOException {
    Map<String, Object> map = JsonReader.object(json);
    Fields in = new Fields(map);
    if (in.number("format") != FORMAT) {
      throw new IOException(
          "report.json: seen format [%s], expected %d; use the kit that wrote it"
              .formatted(in.text("format"), FORMAT));
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    for (String key : List.of("kit", "plugin", "driver", "environment", "options")) {
      facts.put(key, in.copyOf(key));
    }
    return new Report(
        facts,
        in.maps("results").stream().map(ExperimentResult::of).toList(),
        KnownIssues.of(in.map("issues")));
  }

  /** The same without durations: what has to be equal for equal inputs. */
  public String comparable() {
    Map<String, Object> map = toMap();
    map.put("stages", List.of());
    List<Map<String, Object>> timeless = new ArrayList<>();
    for (ExperimentResult result : results) {
      Map<String, Object> one = result.toMap();
      one.remove("millis");
      timeless.add(one);
    }
    map.put("results", timeless);
    return Json.pretty(map);
  }

  KnownIssues issues() {
    return issues;
  }

  Map<String, Object> factMap() {
    return facts;
  }
}
