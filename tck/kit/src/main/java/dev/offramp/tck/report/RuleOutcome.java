package dev.offramp.tck.report;

import dev.offramp.tck.rule.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of one rule in a whole run.
 *
 * @param rule which
 * @param verdict the worst of all experiments and devices
 * @param reason why, where no finding says it
 * @param experiments what decided it, as experiment@device
 * @param findings how it is broken
 * @param known why its failure is expected; empty when it is not
 */
public record RuleOutcome(
    Rule rule,
    Verdict verdict,
    String reason,
    List<String> experiments,
    List<Finding> findings,
    String known) {

  /** Whether the driver breaks the rule, and nobody said that it would. */
  public boolean isUnexpectedFailure() {
    return verdict == Verdict.FAIL && known.isEmpty();
  }

  /** Whether somebody said that the rule would be broken, and it is not. */
  public boolean isStale() {
    return !known.isEmpty() && verdict != Verdict.FAIL && verdict != Verdict.INCONCLUSIVE;
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", rule.id());
    map.put("level", rule.level().name());
    map.put("verdict", verdict.name());
    if (!reason.isEmpty()) {
      map.put("reason", reason);
    }
    if (!known.isEmpty()) {
      map.put("known_issue", known);
    }
    map.put("findings", findings.size());
    map.put("experiments", experiments);
    return map;
  }
}
