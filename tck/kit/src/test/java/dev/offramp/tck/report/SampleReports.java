package dev.offramp.tck.report;

import dev.offramp.tck.report.Finding.Evidence;
import dev.offramp.tck.report.Finding.Line;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.RuleCatalogue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reports of runs that never were, for tests of what is made out of reports. */
public final class SampleReports {
  private SampleReports() {}

  /**
   * One of {@code shards} parts of a run in which every rule passes, with these results instead.
   */
  public static Report shard(int shard, int shards, List<ExperimentResult> results) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("kit", Map.of("version", "1", "sha256", "aa"));
    facts.put("plugin", Map.of("name", "acme.jar", "sha256", "bb"));
    facts.put("driver", Map.of("id", "acme"));
    facts.put("environment", Map.of("jdk", "25"));
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("rules", List.of());
    options.put("seeds", List.of(1L));
    options.put("strict", false);
    options.put("shard", shard);
    options.put("shards", shards);
    facts.put("options", options);
    return new Report(facts, results, KnownIssues.NONE);
  }

  /** Results that decide every testable rule: rule number i belongs to experiment i mod 7. */
  public static List<ExperimentResult> passing() {
    List<ExperimentResult> results = new ArrayList<>();
    List<Rule> rules = RuleCatalogue.all().stream().filter(Rule::isTestable).toList();
    for (int group = 0; group < 7; group++) {
      Map<String, Verdict> verdicts = new TreeMap<>();
      for (int i = group; i < rules.size(); i += 7) {
        verdicts.put(rules.get(i).id(), Verdict.PASS);
      }
      results.add(result("e" + group, group, verdicts, List.of()));
    }
    return results;
  }

  /** A result in which one rule is broken, with two traces that differ. */
  public static ExperimentResult broken(String rule, String message) {
    return result(
        "broken",
        42,
        Map.of(rule, Verdict.FAIL),
        List.of(
            new Finding(
                rule,
                "broken",
                "t6",
                1,
                message,
                new Evidence(
                    List.of("d9", "da"),
                    Map.of("sendNext", List.of("1", "2")),
                    List.of(
                        List.of(new Line("DMA", "slab 0", "00112233", "<b>")),
                        List.of(new Line("DMA", "slab 0", "00112244", "<b>")))))));
  }

  static ExperimentResult result(
      String experiment, long millis, Map<String, Verdict> verdicts, List<Finding> findings) {
    return new ExperimentResult(
        experiment,
        "t6",
        1,
        "CONTRACT",
        millis,
        verdicts,
        Map.of(),
        findings,
        List.of("a note of " + experiment),
        List.of());
  }
}
