package dev.offramp.tck.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What one experiment found out on one device.
 *
 * @param experiment its name
 * @param target the device's name; {@code jar} for those that need none
 * @param seed what it drew its numbers from
 * @param stage in which stage it ran
 * @param millis how long it took
 * @param verdicts of the rules that it decides, by id
 * @param reasons why a verdict is what it is, by id, where that is not in a finding
 * @param findings breaches
 * @param notes what people should look at, without consequences
 * @param provenance which bits depend on what; empty for most experiments
 */
public record ExperimentResult(
    String experiment,
    String target,
    long seed,
    String stage,
    long millis,
    Map<String, Verdict> verdicts,
    Map<String, String> reasons,
    List<Finding> findings,
    List<String> notes,
    List<ProvenanceRow> provenance) {

  public ExperimentResult {
    verdicts = new TreeMap<>(verdicts);
    reasons = new TreeMap<>(reasons);
    findings = List.copyOf(findings);
    notes = List.copyOf(notes);
    provenance = List.copyOf(provenance);
  }

  /** What tells it from others: experiment, device, seed. */
  public String key() {
    return experiment + "@" + target + "#" + seed;
  }

  /** Two parts of one result, of processes or shards that did different pieces of the work. */
  public ExperimentResult and(ExperimentResult other) {
    Map<String, Verdict> all = new TreeMap<>(verdicts);
    other.verdicts.forEach((rule, verdict) -> all.merge(rule, verdict, Verdict::and));
    Map<String, String> why = new TreeMap<>(other.reasons);
    why.putAll(reasons);
    Comparator<Finding> order = Comparator.comparing(Finding::rule).thenComparing(Finding::message);
    return new ExperimentResult(
        experiment,
        target,
        seed,
        stage,
        millis + other.millis,
        all,
        why,
        Stream.concat(findings.stream(), other.findings.stream()).distinct().sorted(order).toList(),
        Stream.concat(notes.stream(), other.notes.stream()).distinct().sorted().toList(),
        Stream.concat(provenance.stream(), other.provenance.stream()).distinct().toList());
  }

  /** For {@link Json}. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("experiment", experiment);
    map.put("target", target);
    map.put("seed", seed);
    map.put("stage", stage);
    map.put("millis", millis);
    Map<String, Object> shown = new LinkedHashMap<>();
    verdicts.forEach((rule, verdict) -> shown.put(rule, verdict.name()));
    map.put("verdicts", shown);
    map.put("reasons", reasons);
    map.put("findings", findings.stream().map(Finding::toMap).toList());
    map.put("notes", notes);
    if (!provenance.isEmpty()) {
      map.put("provenance", provenance.stream().map(ProvenanceRow::toMap).toList());
    }
    return map;
  }

  /** The reverse of {@link #toMap}. */
  public static ExperimentResult of(Map<String, Object> map) {
    Fields in = new Fields(map);
    Map<String, Verdict> verdicts = new TreeMap<>();
    Fields shown = in.map("verdicts");
    for (String rule : shown.keys()) {
      verdicts.put(rule, Verdict.valueOf(shown.text(rule)));
    }
    Map<String, String> reasons = new TreeMap<>();
    Fields texts = in.map("reasons");
    for (String rule : texts.keys()) {
      reasons.put(rule, texts.text(rule));
    }
    return new ExperimentResult(
        in.text("experiment"),
        in.text("target"),
        in.number("seed"),
        in.text("stage"),
        in.number("millis"),
        verdicts,
        reasons,
        in.maps("findings").stream().map(Finding::of).toList(),
        in.strings("notes"),
        in.maps("provenance").stream().map(ProvenanceRow::of).toList());
  }
}
