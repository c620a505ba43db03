package dev.offramp.tck.report;

import dev.offramp.tck.rule.Level;
import dev.offramp.tck.rule.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** verdict.txt: what a person needs who has no browser. */
public final class VerdictText {
  private VerdictText() {}

  /** The whole text. */
  public static String of(Report report) {
    StringBuilder out = new StringBuilder();
    Fields plugin = report.facts().map("plugin");
    Fields driver = report.facts().map("driver");
    out.append("%s  %s (%s)%n".formatted(words(report), driver.text("id"), plugin.text("name")));
    out.append(
        "%d pass, %d refused as declared, %d excluded, %d inconclusive, %d fail%n"
            .formatted(
                report.count(Verdict.PASS),
                report.count(Verdict.REFUSED_AS_DECLARED),
                report.count(Verdict.EXCLUDED),
                report.count(Verdict.INCONCLUSIVE),
                report.count(Verdict.FAIL)));
    out.append("jar SHA-256 %s%n".formatted(plugin.text("sha256")));
    out.append(
        "kit %s, SHA-256 %s%n"
            .formatted(
                report.facts().map("kit").text("version"),
                report.facts().map("kit").text("sha256")));
    for (RuleOutcome outcome : report.outcomes()) {
      if (outcome.verdict() == Verdict.FAIL) {
        failed(out, report, outcome);
      } else if (outcome.isStale()) {
        out.append(
            "%n%s is a known issue [%s] and is %s now: remove the entry%n"
                .formatted(outcome.rule(), outcome.known(), outcome.verdict()));
      }
    }
    if (!report.isPartial()) {
      open(out, report);
    }
    if (!report.notes().isEmpty()) {
      out.append("%nTo look at, without consequences:%n".formatted());
      report.notes().forEach(note -> out.append("  " + note + System.lineSeparator()));
    }
    return out.toString();
  }

  /** Many rules are open for one reason. */
  private static void open(StringBuilder out, Report report) {
    Map<String, List<String>> byReason = new LinkedHashMap<>();
    for (RuleOutcome outcome : report.outcomes()) {
      if (outcome.verdict() == Verdict.INCONCLUSIVE) {
        byReason
            .computeIfAbsent(outcome.reason(), reason -> new ArrayList<>())
            .add(outcome.rule().id());
      }
    }
    byReason.forEach((reason, rules) ->
        out.append("%nINCONCLUSIVE: %s%n  %s%n".formatted(reason, String.join(" ", rules))));
  }

  private static String words(Report report) {
    return report.conclusion().name().replace('_', ' ');
  }

  private static void failed(StringBuilder out, Report report, RuleOutcome outcome) {
    Rule rule = outcome.rule();
    String counted =
        !outcome.known().isEmpty()
            ? "known issue: " + outcome.known()
            : rule.level() == Level.MUST || report.counts(outcome)
                ? rule.level().name()
                : rule.level() + ", not counted";
    out.append("%nFAIL %s (%s, %s)%n".formatted(rule, counted, rule.source()));
    out.append("  %s%n".formatted(rule.sentence()));
    for (Finding finding : outcome.findings()) {
      out.append(
          "  seen on %s by %s: %s%n"
              .formatted(
                  finding.target(),
                  finding.experiment(),
                  finding.message().replace("\n", "\n    ")));
    }
    out.append("  If this fails, check: %s%n".formatted(rule.hint()));
    outcome.findings().stream()
        .findFirst()
        .ifPresent(finding -> out.append("  Again: %s%n".formatted(reproducer(report, finding))));
  }

  /** The command that shows a finding again. */
  public static String reproducer(Report report, Finding finding) {
    return "offramp tck run %s --rule %s --seed %d"
        .formatted(report.facts().map("plugin").text("name"), finding.rule(), finding.seed());
  }

  /** {@code refused as declared}. */
  public static String words(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
