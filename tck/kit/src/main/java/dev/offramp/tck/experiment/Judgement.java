package dev.offramp.tck.experiment;

import dev.offramp.tck.report.Finding;
import dev.offramp.tck.report.Finding.Evidence;
import dev.offramp.tck.report.ProvenanceRow;
import dev.offramp.tck.report.Verdict;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.wire.Deviation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects what an experiment finds out. */
public final class Judgement {
  /** A rule that is broken a thousand times needs no thousand findings. */
  private static final int MAX_FINDINGS_PER_RULE = 3;

  private final String experiment;
  private final String target;
  private final long seed;
  private final Map<Rule, Verdict> verdicts = new LinkedHashMap<>();
  private final Map<Rule, String> reasons = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final Map<Rule, Set<String>> messages = new LinkedHashMap<>();
  private final Set<String> notes = new LinkedHashSet<>();
  private final List<ProvenanceRow> provenance = new ArrayList<>();

  /** A judgement that says nothing yet. */
  public Judgement(String experiment, String target, long seed) {
    this.experiment = experiment;
    this.target = target;
    this.seed = seed;
  }

  /** The rule is broken. */
  public void fail(Rule rule, String message) {
    fail(rule, message, Evidence.NONE);
  }

  /** The rule is broken, and this shows it. */
  public void fail(Rule rule, String message, Evidence evidence) {
    verdicts.merge(rule, Verdict.FAIL, Verdict::and);
    Set<String> known = messages.computeIfAbsent(rule, r -> new LinkedHashSet<>());
    if (known.size() < MAX_FINDINGS_PER_RULE && known.add(message)) {
      findings.add(new Finding(rule.id(), experiment, target, seed, message, evidence));
    }
  }

  /** What was wrong on the wire. */
  public void deviations(List<Deviation> deviations, Evidence evidence) {
    for (Deviation deviation : deviations) {
      fail(deviation.rule(), deviation.text(), evidence);
    }
  }

  /** The driver does not offer it, and refused as it should. */
  public void refused(Rule rule, String how) {
    verdicts.merge(rule, Verdict.REFUSED_AS_DECLARED, Verdict::and);
    reasons.putIfAbsent(rule, how);
  }

  /** It cannot be decided. */
  public void inconclusive(Rule rule, String why) {
    verdicts.merge(rule, Verdict.INCONCLUSIVE, Verdict::and);
    reasons.putIfAbsent(rule, why);
  }

  /** The rule was tried, and nothing is wrong so far. */
  public void pass(Rule rule) {
    verdicts.merge(rule, Verdict.PASS, Verdict::and);
  }

  /** Those that were not spoken of pass. */
  public void passRest(Set<Rule> rules) {
    rules.forEach(this::pass);
  }

  /** Those that were not spoken of are open. */
  public void openRest(Set<Rule> rules, String why) {
    for (Rule rule : rules) {
      if (!verdicts.containsKey(rule)) {
        inconclusive(rule, why);
      }
    }
  }

  /** Something to look at, without consequences. */
  public void note(String text) {
    notes.add(text);
  }

  public void provenance(List<ProvenanceRow> rows) {
    provenance.addAll(rows);
  }

  public boolean hasFailed(Rule rule) {
    return verdicts.get(rule) == Verdict.FAIL;
  }

  public Map<Rule, Verdict> verdicts() {
    return verdicts;
  }

  public Map<Rule, String> reasons() {
    return reasons;
  }

  public List<Finding> findings() {
    return findings;
  }

  public List<String> notes() {
    return List.copyOf(notes);
  }

  public List<ProvenanceRow> provenance() {
    return provenance;
  }
}
