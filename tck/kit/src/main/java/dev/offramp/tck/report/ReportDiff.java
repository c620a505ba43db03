package dev.offramp.tck.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * In what two reports differ, durations aside.
 *
 * @param lines one for each difference, and a summary at the end
 * @param isEmpty whether there is none
 */
public record ReportDiff(List<String> lines, boolean isEmpty) {

  public ReportDiff {
    lines = List.copyOf(lines);
  }

  /** Compares. */
  public static ReportDiff of(Report old, Report now) {
    List<String> lines = new ArrayList<>();
    for (String part : List.of("kit", "plugin", "driver", "environment", "options")) {
      facts(part, new Fields(old.factMap()).map(part), new Fields(now.factMap()).map(part), lines);
    }
    int broken = 0;
    int mended = 0;
    Map<String, RuleOutcome> before = byId(old);
    Map<String, RuleOutcome> after = byId(now);
    Set<String> ids = new LinkedHashSet<>(before.keySet());
    ids.addAll(after.keySet());
    for (String id : ids) {
      RuleOutcome was = before.get(id);
      RuleOutcome is = after.get(id);
      if (was == null || is == null) {
        lines.add(id + ": only in the " + (was == null ? "new" : "old") + " report");
        continue;
      }
      if (was.verdict() != is.verdict()) {
        lines.add("%s: %s, was %s".formatted(id, is.verdict(), was.verdict()));
        if (is.verdict() == Verdict.FAIL) {
          broken++;
        } else if (was.verdict() == Verdict.FAIL) {
          mended++;
        }
      } else if (!messages(was).equals(messages(is))) {
        lines.add("%s: %s as before, and the findings differ".formatted(id, is.verdict()));
      } else if (!was.reason().equals(is.reason())) {
        lines.add(
            "%s: %s as before, [%s], was [%s]"
                .formatted(id, is.verdict(), is.reason(), was.reason()));
      }
    }
    boolean same = lines.isEmpty() && old.comparable().equals(now.comparable());
    if (lines.isEmpty() && !same) {
      lines.add("all verdicts and findings are the same; traces, notes or experiments differ");
    }
    lines.add(
        same
            ? "no difference, durations aside"
            : "%d newly broken, %d mended; %s, was %s"
                .formatted(broken, mended, now.conclusion(), old.conclusion()));
    return new ReportDiff(lines, same);
  }

  private static void facts(String part, Fields was, Fields is, List<String> lines) {
    Set<String> keys = new LinkedHashSet<>(was.keys());
    keys.addAll(is.keys());
    for (String key : keys) {
      if (!was.text(key).equals(is.text(key))) {
        lines.add("%s.%s: [%s], was [%s]".formatted(part, key, is.text(key), was.text(key)));
      }
    }
  }

  private static Map<String, RuleOutcome> byId(Report report) {
    Map<String, RuleOutcome> byId = new LinkedHashMap<>();
    report.outcomes().forEach(outcome -> byId.put(outcome.rule().id(), outcome));
    return byId;
  }

  private static List<String> messages(RuleOutcome outcome) {
    return outcome.findings().stream()
        .map(f -> f.target() + " " + f.experiment() + " " + f.seed() + " " + f.message())
        .toList();
  }
}
